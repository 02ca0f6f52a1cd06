using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Bpf.Kernel;
using Virtap.Processes.Commands;
using Virtap.Processes.Control;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Backends.InProcess.Processes;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Links;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>What happens to the processes that are traced: each thread that has stopped goes on when its handlers have run.</summary>
internal sealed partial class TargetTracer
{
    private const int CodeSegment32 = 0x23, CodeSegmentWord = 17, LinkRegisterArm64 = 30;

    private void Take(Inferior member, InferiorNews news)
    {
        ProbedProcess process = _processes[member.Process.Id];
        try
        {
            React(process, news);
        }
        catch (InferiorGoneException)
        {
            // It was killed while it was looked at: that is told next.
        }

        // A parent of a child, and a thread that has made one, go on already.
        if (news is not (ThreadBornNews or ForkNews) && news.Thread is { } thread && member.IsAlive)
            member.Resume(thread);
    }

    private void React(ProbedProcess process, InferiorNews news)
    {
        switch (news)
        {
            case BreakpointNews hit:
                Hit(process, hit.Who, hit.Address);
                break;
            case SystemCallNews call:
                Call(process, call);
                break;
            case ThreadBornNews born:
                Record(ProcessRecordKind.Fork, process, born.Who.Id);
                break;
            case ForkNews fork:
                Welcome(process, fork.ChildId);
                break;
            case ExecutedNews:
                process.Renew();
                Place(process);
                Record(ProcessRecordKind.Exec, process, process.Inferior.Process.Id);
                break;
            case EndingNews ending:
                End(process, ending.Who.Id);
                break;
            case ThreadEndedNews ended:
                End(process, ended.Who.Id);
                break;
            case ExitNews exit:
                Leave(process, new CommandExit(exit.Status, 0));
                break;
            case KilledNews killed:
                Leave(process, new CommandExit(0, killed.Signal));
                break;
        }
    }

    private void Hit(ProbedProcess process, TracedThread thread, ulong address)
    {
        if (process.IsLinkerAt(address))
            Place(process);
        foreach (PendingReturn call in process.TakeReturns(address, thread.Registers.StackPointer))
            Run(call.Probe.Handler, new StoppedContext(process.Inferior, thread, call.Probe.Site, call.Function));
        foreach (ProbeBinding<CodeTarget> probe in process.At(address))
        {
            if (probe.Target.ByReturnAddress)
                AwaitReturn(process, thread, probe, address);
            else
                Run(probe.Handler, new StoppedContext(process.Inferior, thread, probe.Site));
        }
    }

    /// <summary>The return of the function at whose first instruction a thread stands is caught where it leads.</summary>
    private void AwaitReturn(ProbedProcess process, TracedThread thread, ProbeBinding<CodeTarget> probe, ulong function)
    {
        ulong stack = thread.Registers.StackPointer;
        AttachFailure? refusal = null;
        if (HostArchitecture.Current == Architecture.Arm64)
            refusal = process.Await(probe, function, thread.Registers[LinkRegisterArm64] ?? 0, stack);
        else if (process.Inferior.Memory.TryRead(stack, out ulong address))
            refusal = process.Await(probe, function, address, stack + sizeof(ulong));
        if (refusal is not null)
            Warn(new SiteWasRefused(refusal));
    }

    private void Call(ProbedProcess process, SystemCallNews call)
    {
        foreach (ProbeBinding<SyscallTarget> probe in _systemCalls)
        {
            if (probe.Target.AtReturn == call.IsEntry || !Counts(process, probe.Target.Filter))
                continue;
            var context = new StoppedContext(process.Inferior, call.Who, probe.Site);
            if (probe.Target.Number is not int number || IsCall(context, call.Who, number))
                Run(probe.Handler, context);
        }
    }

    private static bool IsCall(StoppedContext context, TracedThread thread, int number) =>
        context.TryReadRegister(new MachineRegister(HostArchitecture.Current, PtRegs.SystemCall), out ulong called) && (int)called == number
            && (HostArchitecture.Current != Architecture.X64 || thread.Kernel.Word(CodeSegmentWord) != CodeSegment32);

    private static bool Counts(ProbedProcess process, ProcessFilter filter) =>
        (filter.Process is not int id || id == process.Inferior.Process.Id)
            && (filter.Executable is not { } executable || executable.Identity == process.Executable)
            && (!filter.IsOfTarget || process.IsOfTarget);

    private void Welcome(ProbedProcess parent, int id)
    {
        if (_family.Find(id) is not { } child)
            return;
        ProbedProcess process = parent.Fork(child);
        _processes[id] = process;
        Record(ProcessRecordKind.Fork, process, id);
        child.ResumeAll();
    }

    private void End(ProbedProcess process, int thread)
    {
        if (!process.Ending.Add(thread))
            return;
        bool isLast = process.Inferior.Threads.All(each => process.Ending.Contains(each.Id));
        Record(isLast ? ProcessRecordKind.LastExit : ProcessRecordKind.Exit, process, thread);
    }

    private void Leave(ProbedProcess process, CommandExit end)
    {
        int id = process.Inferior.Process.Id;
        // A process that was killed does not stop before it ends.
        if (_tracker is not null)
            Record(ProcessRecordKind.LastExit, process, id);
        _processes.Remove(id);
        _ends[id] = end;
        _queue.Ring();
    }

    private void Record(ProcessRecordKind kind, ProbedProcess process, int thread)
    {
        if (_tracker is null)
            return;
        (int id, int? parent) = (process.Inferior.Process.Id, process.Inferior.Process.ParentId);
        long inode = (long)(process.Executable?.Inode ?? 0);
        _tracker.Take(ProcessRecord.Of(kind, id, thread, parent ?? 0, inode, ProcessStatus.NameOf(thread)));
    }
}
