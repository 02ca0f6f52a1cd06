using Virtap.Processes;
using Virtap.Processes.Files;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.InProcess.Processes;

/// <summary>Runs the handler of a process event in the name of a thread.</summary>
internal delegate void ProcessEventHandler(ProbeBinding<ProcessEventTarget> binding, int process, int thread, ReadOnlySpan<byte> name);

/// <summary>
/// Turns what the kernel tells of processes into the events that a script asked for: knows which of the living processes run a program
/// that some target names, and which are descended from the process of -x or -c.
/// </summary>
internal sealed class ProcessTracker
{
    private readonly IReadOnlyList<ProbeBinding<ProcessEventTarget>> _bindings;
    private readonly int? _target;
    private readonly ProcessEventHandler _fire;
    private readonly Dictionary<long, FileIdentity> _programs = [];
    private readonly HashSet<int> _tree = [];

    // Processes that began: what they run, as far as a target names it.
    private readonly Dictionary<int, FileIdentity?> _begun = [];

    /// <summary>Makes a tracker that knows no process yet.</summary>
    /// <param name="bindings">The events asked for.</param>
    /// <param name="target">The session's target, whose tree some events may be confined to; null for none.</param>
    /// <param name="fire">Called for each that happens, in order.</param>
    public ProcessTracker(IReadOnlyList<ProbeBinding<ProcessEventTarget>> bindings, int? target, ProcessEventHandler fire)
    {
        _bindings = bindings;
        _target = target;
        _fire = fire;
        foreach (ProbeBinding<ProcessEventTarget> binding in bindings)
        {
            if (binding.Target.Filter.Executable?.Identity is { } program)
                _programs[(long)program.Inode] = program;
        }
    }

    /// <summary>
    /// Takes the processes that live when the session starts: they begin now. To be called with the watch attached, so that none is
    /// missed; one that is heard of as well begins once.
    /// </summary>
    /// <param name="except">The command of -c, which waits in a shell and begins when it is let go; null for none.</param>
    /// <param name="isWatched">Whether a process's end will be heard of; null where all are.</param>
    public void TakeLiving(int? except, Func<int, bool>? isWatched = null)
    {
        List<LiveProcess> living = [.. LiveProcess.All().Where(process => isWatched?.Invoke(process.Id) ?? true)];
        if (_target is int target)
            _tree.UnionWith(LiveProcess.Tree(target, living));
        foreach (LiveProcess process in living)
        {
            FileIdentity? program = process.Executable;
            if (process.Id == except || process.Id == Environment.ProcessId || program is null)
                continue;
            Begin(process.Id, process.Id, Known(program), Utf8(process.Name));
            if (!Watches(ProcessEvent.ThreadBegin))
                continue;
            foreach (ProcessThread thread in process.Threads())
            {
                if (thread.Id != process.Id)
                    Fire(ProcessEvent.ThreadBegin, process.Id, thread.Id, Known(program), Utf8(thread.Name));
            }
        }
    }

    /// <summary>Takes what the kernel tells.</summary>
    public void Take(in ProcessRecord record)
    {
        int process = (int)record.Process, thread = (int)record.Thread;
        ReadOnlySpan<byte> name = record.Name;
        switch ((ProcessRecordKind)record.Kind)
        {
            case ProcessRecordKind.Fork when process == thread:
                if (_tree.Contains((int)record.Parent))
                    _tree.Add(process);
                if (record.Inode != 0)
                    Begin(process, thread, ProgramOf(record), name);
                break;
            case ProcessRecordKind.Fork:
                Fire(ProcessEvent.ThreadBegin, process, thread, RunBy(process), name);
                break;
            case ProcessRecordKind.Exec:
                if (_begun.Remove(process, out FileIdentity? before))
                    Fire(ProcessEvent.End, process, thread, before, name);
                Begin(process, thread, ProgramOf(record), name);
                break;
            default:
                if (process != thread)
                    Fire(ProcessEvent.ThreadEnd, process, thread, RunBy(process), name);
                if ((ProcessRecordKind)record.Kind == ProcessRecordKind.LastExit)
                    End(process, name);
                break;
        }
    }

    private static ReadOnlySpan<byte> Utf8(string name) => System.Text.Encoding.UTF8.GetBytes(name);

    private void Begin(int process, int thread, FileIdentity? program, ReadOnlySpan<byte> name)
    {
        if (_begun.TryAdd(process, program))
            Fire(ProcessEvent.Begin, process, thread, program, name);
    }

    private void End(int process, ReadOnlySpan<byte> name)
    {
        if (_begun.Remove(process, out FileIdentity? program))
            Fire(ProcessEvent.End, process, process, program, name);
        _tree.Remove(process);
    }

    private void Fire(ProcessEvent @event, int process, int thread, FileIdentity? program, ReadOnlySpan<byte> name)
    {
        foreach (ProbeBinding<ProcessEventTarget> binding in _bindings)
        {
            ProcessFilter filter = binding.Target.Filter;
            if (binding.Target.Event == @event
                && (filter.Process is null || filter.Process == process)
                && (filter.Executable is not { } wanted || wanted.Identity == program)
                && (!filter.IsOfTarget || _tree.Contains(process)))
                _fire(binding, process, thread, name);
        }
    }

    private bool Watches(ProcessEvent @event) => _bindings.Any(b => b.Target.Event == @event);

    private FileIdentity? RunBy(int process) => _begun.GetValueOrDefault(process);

    /// <summary>
    /// The program of a record, if a target names it. The kernel tells the inode alone; while the process lives, /proc says on which
    /// device. One that has ended by now is taken to run the file that has the inode.
    /// </summary>
    private FileIdentity? ProgramOf(in ProcessRecord record)
    {
        if (!_programs.TryGetValue(record.Inode, out FileIdentity named))
            return null;
        FileIdentity? now = FileIdentity.Of($"/proc/{record.Process}/exe");
        return now is { } actual && actual.Inode == named.Inode ? Known(actual) : named;
    }

    private FileIdentity? Known(FileIdentity? program) =>
        program is { } identity && _programs.TryGetValue((long)identity.Inode, out FileIdentity named) && named == identity ? named : null;
}
