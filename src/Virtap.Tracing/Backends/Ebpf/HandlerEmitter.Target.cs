using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Language.Library;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Registers of the target at the probe site, and its memory.</summary>
internal sealed partial class HandlerEmitter
{
    private System.Runtime.InteropServices.Architecture Processor => _options.Architecture == Architecture.Arm64
        ? System.Runtime.InteropServices.Architecture.Arm64
        : System.Runtime.InteropServices.Architecture.X64;

    private int RegisterOffset(int dwarfNumber) => PtRegs.TryGetOffset(Processor, dwarfNumber, out int offset)
        ? offset
        : throw new NotEmittableException($"register number {dwarfNumber} of {_options.Architecture} cannot be read in a probe");

    /// <summary>Whether the program's context holds the thread's registers; at a system call it holds where the kernel has them.</summary>
    private bool HasRegistersAtHand => _hook is not TracepointHook;

    private void LoadRegister(BpfRegister destination, MachineRegister register) =>
        _code.Load(BpfSize.Double, destination, Registers, RegisterOffset(register.DwarfNumber));

    /// <summary>Whether the event tells of no registers at all: a trace point of the kernel's other than those of system calls.</summary>
    private bool HasNoRegisters => _hook is TracepointHook && _target is not SyscallTarget;

    /// <summary>R0 = a register of the thread; a read fault where the event tells of none.</summary>
    private void EvaluateRegister(TargetRegister register)
    {
        if (!HasNoRegisters)
        {
            EvaluateRegister(register.Register.DwarfNumber);
            return;
        }

        if (register.Site == TargetLoad.ReadsAsZero)
        {
            _code.Move(BpfRegister.R0, 0);
            return;
        }

        BpfLabel fault = RaiseCold(RuntimeError.ReadFault, register.Site, () => _code.Move(BpfRegister.R0, 0));
        _code.Move(BpfRegister.R0, 0);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, fault);
    }

    /// <summary>R0 = a register of the thread.</summary>
    private void EvaluateRegister(int dwarfNumber)
    {
        int offset = RegisterOffset(dwarfNumber);
        if (HasRegistersAtHand)
        {
            _code.Load(BpfSize.Double, BpfRegister.R0, Registers, offset);
            return;
        }

        WithTemporary(1, word =>
        {
            _code.Load(BpfSize.Double, BpfRegister.R3, Registers, 0);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, offset);
            PointToSlot(BpfRegister.R1, word);
            _code.Move(BpfRegister.R2, 8);
            _code.Call(BpfHelper.ProbeReadKernel);
            _code.Load(BpfSize.Double, BpfRegister.R0, Context, word);
        });
    }

    /// <summary>R0 = the instruction pointer; 0 at events of the kernel that tell of no registers.</summary>
    private void EvaluateInstructionPointer()
    {
        if (HasNoRegisters)
            _code.Move(BpfRegister.R0, 0);
        else
            EvaluateRegister(_options.Architecture == Architecture.Arm64 ? 32 : 16);
    }

    /// <summary>Widens the low bytes of a register to 64 bits.</summary>
    private void EmitExtend(BpfRegister register, int size, bool signExtend)
    {
        if (size == 8)
            return;
        if (size == 4 && !signExtend)
        {
            _code.Alu32(BpfAluOperator.Move, register, register);
            return;
        }

        int unused = 64 - (size * 8);
        _code.Alu(BpfAluOperator.ShiftLeft, register, unused);
        _code.Alu(signExtend ? BpfAluOperator.ShiftRightArithmetic : BpfAluOperator.ShiftRight, register, unused);
    }

    /// <summary>R0 = the memory at address R0; what cannot be read raises a read fault with that address.</summary>
    private void EmitMemoryLoad(TargetLoad load) => WithTemporary(2, words =>
    {
        int address = words, value = words + 8;
        BpfLabel done = _code.NewLabel();
        BpfLabel fault = load.Site == TargetLoad.ReadsAsZero
            ? Cold(() =>
            {
                _code.Move(BpfRegister.R0, 0);
                _code.Jump(done);
            })
            : RaiseCold(RuntimeError.ReadFault, load.Site, () => _code.Load(BpfSize.Double, BpfRegister.R0, Context, address));
        _code.Store(BpfSize.Double, Context, address, BpfRegister.R0);
        _code.Move(BpfRegister.R3, BpfRegister.R0);
        _code.Move(BpfRegister.R2, load.Size);
        PointToSlot(BpfRegister.R1, value);
        _code.Call(load.Space == MemorySpace.Kernel ? BpfHelper.ProbeReadKernel : BpfHelper.ProbeReadUser);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, fault);
        BpfSize width = load.Size switch { 1 => BpfSize.Byte, 2 => BpfSize.Half, 4 => BpfSize.Word, _ => BpfSize.Double };
        _code.Load(width, BpfRegister.R0, Context, value);
        if (load.SignExtend)
            EmitExtend(BpfRegister.R0, load.Size, signExtend: true);
        _code.Bind(done);
    });
}
