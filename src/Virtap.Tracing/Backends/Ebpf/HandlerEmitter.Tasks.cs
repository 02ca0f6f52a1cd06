using Virtap.Bpf.Btf;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Library;
using Virtap.Processes;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>What the kernel keeps of a thread, by the layout of its structures that it shows (BTF).</summary>
internal sealed partial class HandlerEmitter
{
    private const string TaskStructure = "task_struct";

    // Of enum pid_type (linux/pid.h, 4.19): which of a thread's ids.
    private const int ProcessGroupId = 2, SessionId = 3;

    private void EvaluateOfTask(ContextValue value)
    {
        switch (value)
        {
            case ContextValue.Task:
                LoadTask("task_current()");
                break;
            case ContextValue.Ppid:
                RequireAllProcesses("ppid()");
                LoadParent();
                EmitMemberLoad(BpfSize.Word, TaskStructure, "tgid");
                break;
            case ContextValue.EffectiveUid:
                LoadTask("euid()");
                EmitMemberLoad(BpfSize.Double, TaskStructure, "cred");
                EmitMemberLoad(BpfSize.Word, "cred", "euid");
                break;
            case ContextValue.EffectiveGid:
                LoadTask("egid()");
                EmitMemberLoad(BpfSize.Double, TaskStructure, "cred");
                EmitMemberLoad(BpfSize.Word, "cred", "egid");
                break;
            case ContextValue.ProcessGroup:
                LoadId(ProcessGroupId, "pgrp()");
                break;
            case ContextValue.Session:
                LoadId(SessionId, "sid()");
                break;
            case ContextValue.ArgumentsStart:
                LoadOfMemory("arg_start");
                break;
            case ContextValue.ArgumentsEnd:
                LoadOfMemory("arg_end");
                break;
            case ContextValue.EnvironmentStart:
                LoadOfMemory("env_start");
                break;
            case ContextValue.EnvironmentEnd:
                LoadOfMemory("env_end");
                break;
            default:
                throw new NotEmittableException($"{value} has no form in eBPF yet");
        }
    }

    /// <summary>
    /// R0 = where the function that returns is loaded. Of a tail call several functions return at once, while the kernel's list tells of
    /// the first: that is seen by the place in its page (which loading does not change), and what is then read at 0 is a fault.
    /// </summary>
    private void EvaluateReturningFunction()
    {
        const int WithinPage = 0xfff;
        if (_options.KnowsReturningFunction)
        {
            _code.Move(BpfRegister.R1, Registers);
            _code.Call(BpfHelper.GetFuncIp);
            return;
        }

        LoadTask("a variable outside of a function that returns");
        EmitMemberLoad(BpfSize.Double, TaskStructure, "utask");
        EmitMemberLoad(BpfSize.Double, "uprobe_task", "return_instances");
        EmitMemberLoad(BpfSize.Double, "return_instance", "func");
        BpfLabel isIt = _code.NewLabel();
        _code.Move(BpfRegister.R1, BpfRegister.R0);
        _code.Alu(BpfAluOperator.And, BpfRegister.R1, WithinPage);
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, (int)(((CodeTarget)_target!).Address & WithinPage), isIt);
        _code.Move(BpfRegister.R0, 0);
        _code.Bind(isIt);
    }

    private void EvaluateMemberOffset(KernelMemberOffset member)
    {
        RequireTypes($"{member.Structure}.{member.Member}");
        _code.Move(BpfRegister.R0, 0);
        if (member.IsSize)
            _code.AddMemberSize(BpfRegister.R0, member.Structure, member.Member);
        else
            _code.AddMemberOffset(BpfRegister.R0, member.Structure, member.Member);
    }

    /// <summary>R0 = the kernel's address of the current thread.</summary>
    private void LoadTask(string what)
    {
        RequireTypes(what);
        _code.Call(BpfHelper.GetCurrentTask);
    }

    /// <summary>R0 = the kernel's address of the current thread's parent.</summary>
    private void LoadParent()
    {
        LoadTask("the parent process");
        EmitMemberLoad(BpfSize.Double, TaskStructure, "real_parent");
    }

    /// <summary>R0 = the number of the process group or the session.</summary>
    private void LoadId(int kind, string what)
    {
        RequireAllProcesses(what);
        LoadTask(what);
        EmitMemberLoad(BpfSize.Double, TaskStructure, "signal");
        EmitMemberLoad(BpfSize.Double, "signal_struct", "pids", kind * 8);
        // The first of its numbers is that of the kernel's first namespace; struct upid begins with it.
        EmitMemberLoad(BpfSize.Word, "pid", "numbers");
    }

    /// <summary>R0 = a member of what the kernel keeps of the thread's memory.</summary>
    private void LoadOfMemory(string member)
    {
        LoadTask("the command line");
        EmitMemberLoad(BpfSize.Double, TaskStructure, "mm");
        EmitMemberLoad(BpfSize.Double, "mm_struct", member);
    }

    /// <summary>
    /// R0 = a member of the structure whose address in the kernel R0 is, or what lies <paramref name="further"/> bytes behind its start; 0
    /// where it cannot be read.
    /// </summary>
    private void EmitMemberLoad(BpfSize size, string structure, string member, int further = 0) => WithTemporary(1, word =>
    {
        _code.Move(BpfRegister.R3, BpfRegister.R0);
        _code.AddMemberOffset(BpfRegister.R3, structure, member);
        if (further != 0)
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, further);
        _code.Store(BpfSize.Double, Context, word, 0);
        PointToSlot(BpfRegister.R1, word);
        _code.Move(BpfRegister.R2, size == BpfSize.Double ? 8 : 4);
        _code.Call(BpfHelper.ProbeReadKernel);
        _code.Load(size, BpfRegister.R0, Context, word);
    });

    private void RequireTypes(string what)
    {
        if (!_options.HasKernelTypes)
            throw new NotEmittableException($"{what} in this probe needs the kernel's BTF ({KernelBtf.VmlinuxPath}), which is missing");
    }

    private void RequireAllProcesses(string what)
    {
        if (_options.PidNamespace is not null)
            throw new NotEmittableException($"{what} in this probe is {PidNamespace.NotSupported}");
    }
}
