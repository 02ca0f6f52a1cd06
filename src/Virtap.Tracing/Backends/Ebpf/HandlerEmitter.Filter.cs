using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Processes.Files;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Which of the kernel's events are the handler's: asked before anything else is done, for the kernel tells of every process's. There is
/// no context yet, so that what is read lies on the stack.
/// </summary>
internal sealed partial class HandlerEmitter
{
    // Words of the main function's stack, below those of the claim: the thread's registers from orig_ax to cs, and a pointer's way.
    private const int CallRegisters = -40, Followed = -24;

    // Below them: which of the handler's targets the system call is.
    private const int CallSite = -48;

    /// <summary>The code segment of 32-bit programs, whose system calls have other numbers.</summary>
    private const int Code32 = 0x23;

    private void EmitFilter()
    {
        ProcessFilter? asked = _target?.Filter;
        if (_options.IsConfinedToTarget && _target is CodeTarget { Process: null })
            asked = (asked ?? ProcessFilter.Everyone) with { IsOfTarget = true };
        if (asked is not { } filter)
            return;
        _code.Comment("whose event");
        if (_target is SyscallTarget { Number: int number } syscall)
            EmitNumberFilter(syscall, number);
        EmitProcessFilter(filter);
    }

    private void EmitNumberFilter(SyscallTarget syscall, int number)
    {
        if (!syscall.AtReturn)
        {
            _code.Load(BpfSize.Double, BpfRegister.R1, Registers, 8);
            if (_handler.Calls is { } begun)
                EmitCallSite(begun);
            else
                _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, number, _skip);
        }

        bool is64 = _options.Architecture == Binaries.Architecture.Arm64;
        int first = RegisterOffset(PtRegs.SystemCall);
        _code.Load(BpfSize.Double, BpfRegister.R3, Registers, 0);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R3, first);
        _code.PointToStack(BpfRegister.R1, CallRegisters);
        _code.Move(BpfRegister.R2, is64 ? 8 : 24);
        _code.Call(BpfHelper.ProbeReadKernel);
        _code.Load(is64 ? BpfSize.Word : BpfSize.Double, BpfRegister.R1, BpfRegister.R10, CallRegisters);
        if (_handler.Calls is not { } calls)
        {
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, number, _skip);
        }
        else if (syscall.AtReturn)
        {
            EmitCallSite(calls);
        }
        else
        {
            _code.Load(BpfSize.Double, BpfRegister.R2, Registers, 8);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, BpfRegister.R2, _skip);
        }

        if (is64)
            return;
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, CallRegisters + 16);
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, Code32, _skip);
    }

    /// <summary>Goes on only with a call whose number, in R1, is one of the handler's, and remembers which.</summary>
    private void EmitCallSite(CallTable calls)
    {
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R1, calls.Count, _skip);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R1, sizeof(long));
        _code.LoadMapValue(BpfRegister.R2, EmitNames.Memory, (uint)calls.Offset);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R2, 0);
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, _skip);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R1, 1);
        _code.Store(BpfSize.Double, BpfRegister.R10, CallSite, BpfRegister.R1);
    }

    private void EmitProcessFilter(ProcessFilter filter)
    {
        EmitProcessId();
        if (filter.Process is int process)
        {
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, process, _skip);
            return;
        }

        LoadGlobal(BpfRegister.R1, SessionCells.OwnProcess);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, BpfRegister.R1, _skip);
        if (filter.IsOfTarget)
            EmitTreeFilter();
        if (filter.Executable is { } executable)
            EmitExecutableFilter(executable.Identity);
    }

    /// <summary>R0 = the process's id, as this process's namespace has it.</summary>
    private void EmitProcessId()
    {
        if (_options.PidNamespace is not { } space)
        {
            _code.Call(BpfHelper.GetCurrentPidTgid);
            _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, 32);
            return;
        }

        _code.LoadConstant(BpfRegister.R1, ((long)space.DeviceMajor << 20) | space.DeviceMinor);
        _code.LoadConstant(BpfRegister.R2, (long)space.Inode);
        _code.PointToStack(BpfRegister.R3, Followed);
        _code.Move(BpfRegister.R4, 8);
        _code.Call(BpfHelper.GetNsCurrentPidTgid);
        _code.Load(BpfSize.Word, BpfRegister.R0, BpfRegister.R10, Followed + 4);
    }

    /// <summary>Goes on only in processes that run a file: by its inode, and its device where that is a disk's.</summary>
    private void EmitExecutableFilter(FileIdentity executable)
    {
        RequireTypes("processes by their program");
        _code.Call(BpfHelper.GetCurrentTask);
        _code.Move(BpfRegister.R3, BpfRegister.R0);
        Follow(TaskStructure, "mm");
        Follow("mm_struct", "exe_file");
        Follow("file", "f_inode");
        _code.Store(BpfSize.Double, BpfRegister.R10, CallRegisters, BpfRegister.R3);
        Follow("inode", "i_ino");
        _code.LoadConstant(BpfRegister.R1, (long)executable.Inode);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R3, BpfRegister.R1, _skip);
        // What has no device of its own (an overlay, btrfs) gives stat(2) another number than the kernel has there.
        if (executable.DeviceMajor == 0)
            return;
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R10, CallRegisters);
        Follow("inode", "i_sb");
        Follow("super_block", "s_dev");
        _code.Alu32(BpfAluOperator.Move, BpfRegister.R3, BpfRegister.R3);
        _code.LoadConstant(BpfRegister.R1, ((long)executable.DeviceMajor << 20) | executable.DeviceMinor);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R3, BpfRegister.R1, _skip);
    }

    /// <summary>Goes on only in the target and what descends from it. R0 = the process's id.</summary>
    private void EmitTreeFilter()
    {
        BpfLabel found = _code.NewLabel();
        LoadGlobal(BpfRegister.R1, SessionCells.Target);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, BpfRegister.R1, found);
        if (_options.PidNamespace is not null)
        {
            // The kernel's structures have the ids of its first namespace.
            _code.Jump(_skip);
            _code.Bind(found);
            return;
        }

        RequireTypes("processes by their parents");
        _code.Call(BpfHelper.GetCurrentPidTgid);
        _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, 32);
        _code.Store(BpfSize.Double, BpfRegister.R10, Followed, BpfRegister.R0);
        _code.LoadMap(BpfRegister.R1, TargetTree.Table.Name);
        _code.PointToStack(BpfRegister.R2, Followed);
        _code.Call(BpfHelper.MapLookupElem);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, _skip);
        _code.Bind(found);
    }

    /// <summary>R3 = the eight bytes at a member of the kernel's structure at R3; 0 where it cannot be read.</summary>
    private void Follow(string structure, string member)
    {
        _code.CopyMember(BpfRegister.R3, structure, member, Followed, sizeof(long));
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R10, Followed);
    }
}
