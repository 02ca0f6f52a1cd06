using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Processes.Tracees;

namespace Virtap.Debugging.Control;

/// <summary>What happens to the process, one after the other.</summary>
public sealed partial class Inferior
{
    /// <summary>
    /// Waits for what happens next. The thread that it happens to stands still; the others do as they did. What is nobody's business (a
    /// child that is let go, a process that is stopped by a signal and woken) is dealt with here.
    /// </summary>
    public InferiorNews Next()
    {
        while (true)
        {
            if (_pending.TryDequeue(out InferiorNews? pending))
                return pending;
            if (!IsAlive)
                return new ExitNews(_lastStatus);
            DebuggedThread? unread = _threads.Values.FirstOrDefault(static thread => thread.Unread is not null);
            TraceeNews? news = unread?.Unread;
            if (unread is not null)
                unread.Unread = null;
            news ??= _isInterrupted ? null : _news.Wait();
            if (news is { } one && Read(one) is { } found)
                return found;
            if (news is null && _isInterrupted)
            {
                _isInterrupted = false;
                return new InterruptedNews();
            }

            if (news is null && LiveProcess.Find(Process.Id) is not { IsAlive: true })
                return End(new ExitNews(_lastStatus));
        }
    }

    private InferiorNews? Read(TraceeNews news)
    {
        if (!_threads.TryGetValue(news.ThreadId, out DebuggedThread? thread))
        {
            if (news.IsStop)
                _early.Add(news.ThreadId);
            else
                _early.Remove(news.ThreadId);
            return null;
        }

        thread.IsStopped = news.IsStop;
        thread.Forget();
        switch (news.Kind)
        {
            case TraceeNewsKind.Exited or TraceeNewsKind.Killed:
                return ReadEnd(thread, news);
            case TraceeNewsKind.Signal:
                return ReadSignal(thread, news.Number);
            case TraceeNewsKind.Cloned:
                DebuggedThread born = Welcome(thread.Tracee.EventMessage());
                Run(thread, isStep: _stepping.Contains(thread.Id));
                return new ThreadBornNews(born);
            case TraceeNewsKind.Forked:
                return ReadFork(thread, isVFork: false);
            case TraceeNewsKind.VForked:
                return ReadFork(thread, isVFork: true);
            case TraceeNewsKind.VForkDone:
                _sites.Unshare();
                Run(thread, isStep: false);
                return null;
            case TraceeNewsKind.Executed:
                return ReadExecuted(thread);
            case TraceeNewsKind.GroupStopped:
                thread.IsGroupStopped = true;
                Run(thread, isStep: false);
                return null;
            default:
                // Somebody woke it, or it was asked to stop and had been let go again.
                thread.IsGroupStopped = false;
                Run(thread, isStep: false);
                return null;
        }
    }

    private InferiorNews? ReadEnd(DebuggedThread thread, TraceeNews news)
    {
        _threads.Remove(thread.Id);
        _stepping.Remove(thread.Id);
        if (news.Kind == TraceeNewsKind.Exited)
            _lastStatus = news.Number;

        // The kernel tells of the first thread when all others have ended.
        if (thread.Id != Process.Id && _threads.Count > 0)
            return new ThreadEndedNews(thread);
        return End(news.Kind == TraceeNewsKind.Exited ? new ExitNews(news.Number) : new KilledNews(news.Number));
    }

    private InferiorNews End(InferiorNews last)
    {
        IsAlive = false;
        LetOrphansGo();
        _threads.Clear();
        _sites.Forget();
        return last;
    }

    private InferiorNews? ReadSignal(DebuggedThread thread, int signal)
    {
        bool wasStep = _stepping.Remove(thread.Id);
        switch (signal == ProcessSignal.Trap ? thread.Tracee.ReadTrap() : TrapKind.Other)
        {
            case TrapKind.Step when wasStep:
                return new StepNews(thread);
            case TrapKind.Step:
                // Of a step before: meanwhile it was stopped, and told to go on.
                Run(thread, isStep: false);
                return null;
            case TrapKind.Breakpoint:
                ulong address = thread.Address - (ulong)BreakpointSites.Behind;
                if (_sites.Has(address))
                {
                    thread.MoveTo(address);
                    thread.Passed = address;
                    return new BreakpointNews(thread, address);
                }

                // A breakpoint that has been taken out since: the instruction is whole again. One of the program's own goes to the program.
                if (IsOwnTrap(address))
                    break;
                thread.MoveTo(address);
                Run(thread, wasStep);
                return null;
        }

        thread.Signal = signal;
        return new SignalNews(thread, signal);
    }

    private bool IsOwnTrap(ulong address)
    {
        Span<byte> there = stackalloc byte[TrapInstruction.Bytes.Length];
        return Process.Memory.TryRead(address, there) && TrapInstruction.IsAt(there);
    }

    /// <summary>A thread that has just been made: its first stop may have come before it was told of.</summary>
    private DebuggedThread Welcome(int id)
    {
        if (_threads.TryGetValue(id, out DebuggedThread? known))
            return known;
        DebuggedThread thread = Add(new Tracee(Process.Id, id));
        if (_early.Remove(id))
            Run(thread, isStep: false);
        return thread;
    }

    private ForkNews? ReadFork(DebuggedThread parent, bool isVFork)
    {
        int child = parent.Tracee.EventMessage();
        // A parent that was killed in this moment does not say whom it has made: End sees to it.
        if (child == 0)
            return null;
        if (!_early.Remove(child))
            _ = TraceeWaiter.WaitFor(child, s_patience);
        if (isVFork)
            _sites.Share();
        LetGo(child);
        bool isStep = _stepping.Contains(parent.Id);
        Run(parent, isStep);
        return new ForkNews(parent, child, isVFork);
    }

    /// <summary>Lets a child go that has stopped, without the copies of the breakpoints that it has.</summary>
    private void LetGo(int child)
    {
        _sites.ClearIn(child);
        new Tracee(child, child).Detach(0);
    }

    /// <summary>
    /// Lets children go of a process that was killed while it made them, so that nobody has told of them: of what is traced, they alone are
    /// left.
    /// </summary>
    private void LetOrphansGo()
    {
        foreach (int child in _early.Where(id => !_threads.ContainsKey(id)))
            LetGo(child);
        _early.Clear();
        while (TraceeWaiter.WaitFor(-1, s_patience) is { } news)
        {
            if (news.IsStop)
                LetGo(news.ThreadId);
        }
    }

    private ExecutedNews ReadExecuted(DebuggedThread thread)
    {
        foreach (int id in _threads.Keys.Where(id => id != thread.Id).ToList())
            _threads.Remove(id);
        _stepping.Clear();
        _sites.Forget();
        Process = LiveProcess.Find(Process.Id) ?? Process;
        _sites = new BreakpointSites(Process.Id, Process.Memory, _ledger);
        return new ExecutedNews(thread);
    }
}
