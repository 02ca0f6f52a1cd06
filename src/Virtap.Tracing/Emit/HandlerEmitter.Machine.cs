using Virtap.Binaries.Machine;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit;

/// <summary>Values of the target: registers at the probe site, its memory, and arithmetic on them.</summary>
internal sealed partial class HandlerEmitter
{
    private System.Runtime.InteropServices.Architecture Processor => _options.Architecture == Architecture.Arm64
        ? System.Runtime.InteropServices.Architecture.Arm64
        : System.Runtime.InteropServices.Architecture.X64;

    private int InstructionPointerOffset => PtRegs.InstructionPointer(Processor);

    private int RegisterOffset(int dwarfNumber) => PtRegs.TryGetOffset(Processor, dwarfNumber, out int offset)
        ? offset
        : throw new NotEmittableException($"register number {dwarfNumber} of {_options.Architecture} cannot be read in a probe");

    private bool TryLoadMachine(MachineExpression value, BpfRegister destination)
    {
        switch (value)
        {
            case ConstantValue constant:
                _code.LoadConstant(destination, constant.Value);
                return true;
            case RegisterValue register:
                _code.Load(BpfSize.Double, destination, Registers, RegisterOffset(register.Register.DwarfNumber));
                return true;
            case ExtendValue { Operand: RegisterValue register } extend:
                _code.Load(BpfSize.Double, destination, Registers, RegisterOffset(register.Register.DwarfNumber));
                EmitExtend(destination, extend.Size, extend.SignExtend);
                return true;
            default:
                return false;
        }
    }

    private void EvaluateMachine(MachineExpression value, int site)
    {
        if (TryLoadMachine(value, BpfRegister.R0))
            return;
        switch (value)
        {
            case ExtendValue extend:
                EvaluateMachine(extend.Operand, site);
                EmitExtend(BpfRegister.R0, extend.Size, extend.SignExtend);
                break;
            case LoadValue load:
                EvaluateMachine(load.Address, site);
                EmitUserLoad(load.Size, load.SignExtend, site);
                break;
            case BinaryValue binary:
                EvaluateMachinePair(binary, site);
                EmitMachineOperation(binary.Operator);
                break;
            default:
                // ImageAddress: the resolver has made it relative to the instruction pointer of each site.
                throw new NotEmittableException("an address of the image was not made relative to its probe site");
        }
    }

    private void EvaluateMachinePair(BinaryValue binary, int site)
    {
        EvaluateMachine(binary.Left, site);
        if (TryLoadMachine(binary.Right, BpfRegister.R1))
            return;
        WithTemporary(1, saved =>
        {
            _code.Store(BpfSize.Double, BpfRegister.R10, saved, BpfRegister.R0);
            EvaluateMachine(binary.Right, site);
            _code.Move(BpfRegister.R1, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, saved);
        });
    }

    private void EmitMachineOperation(MachineOperator operation)
    {
        switch (operation)
        {
            case MachineOperator.Add: _code.Alu(BpfAluOperator.Add, BpfRegister.R0, BpfRegister.R1); break;
            case MachineOperator.Subtract: _code.Alu(BpfAluOperator.Subtract, BpfRegister.R0, BpfRegister.R1); break;
            case MachineOperator.Multiply: _code.Alu(BpfAluOperator.Multiply, BpfRegister.R0, BpfRegister.R1); break;
            case MachineOperator.And: _code.Alu(BpfAluOperator.And, BpfRegister.R0, BpfRegister.R1); break;
            case MachineOperator.Or: _code.Alu(BpfAluOperator.Or, BpfRegister.R0, BpfRegister.R1); break;
            case MachineOperator.Xor: _code.Alu(BpfAluOperator.Xor, BpfRegister.R0, BpfRegister.R1); break;
            case MachineOperator.ShiftLeft: EmitShift(BpfAluOperator.ShiftLeft); break;
            case MachineOperator.ShiftRightLogical: EmitShift(BpfAluOperator.ShiftRight); break;
            case MachineOperator.ShiftRightArithmetic: EmitShift(BpfAluOperator.ShiftRightArithmetic); break;
            case MachineOperator.Equal: EmitTruth(BpfCondition.Equal); break;
            case MachineOperator.NotEqual: EmitTruth(BpfCondition.NotEqual); break;
            case MachineOperator.LessSigned: EmitTruth(BpfCondition.SignedLess); break;
            case MachineOperator.LessUnsigned: EmitTruth(BpfCondition.Less); break;
            default: throw new NotEmittableException($"operation {operation} of a target value has no form in eBPF yet");
        }
    }

    private void EmitShift(BpfAluOperator operation)
    {
        _code.Alu(BpfAluOperator.And, BpfRegister.R1, 63);
        _code.Alu(operation, BpfRegister.R0, BpfRegister.R1);
    }

    private void EmitTruth(BpfCondition condition)
    {
        BpfLabel isTrue = _code.NewLabel();
        _code.Move(BpfRegister.R2, BpfRegister.R0);
        _code.Move(BpfRegister.R0, 1);
        _code.Jump(condition, BpfRegister.R2, BpfRegister.R1, isTrue);
        _code.Move(BpfRegister.R0, 0);
        _code.Mark(isTrue);
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

    /// <summary>R0 = the target's memory at address R0; what cannot be read raises a read fault with that address.</summary>
    private void EmitUserLoad(int size, bool signExtend, int site) => WithTemporary(2, words =>
    {
        int address = words, value = words + 8;
        BpfLabel fault = RaiseCold(RuntimeError.ReadFault, site, () => _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, address));
        _code.Store(BpfSize.Double, BpfRegister.R10, address, BpfRegister.R0);
        _code.Move(BpfRegister.R3, BpfRegister.R0);
        _code.Move(BpfRegister.R2, size);
        _code.Move(BpfRegister.R1, BpfRegister.R10);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, value);
        _code.Call(BpfHelper.ProbeReadUser);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, fault);
        BpfSize width = size switch { 1 => BpfSize.Byte, 2 => BpfSize.Half, 4 => BpfSize.Word, _ => BpfSize.Double };
        _code.Load(width, BpfRegister.R0, BpfRegister.R10, value);
        if (signExtend)
            EmitExtend(BpfRegister.R0, size, signExtend: true);
    });
}
