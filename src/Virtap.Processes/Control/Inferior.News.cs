using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Processes.Tracees;

namespace Virtap.Processes.Control;

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
            TracedThread? unread = _threads.Values.FirstOrDefault(static thread => thread.Unread is not null);
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

    /// <summary>What has been kept for later, of a member of a family.</summary>
    internal InferiorNews? TakeKept()
    {
        while (true)
        {
            if (_pending.TryDequeue(out InferiorNews? pending))
                return pending;
            if (_threads.Values.FirstOrDefault(static thread => thread.Unread is not null) is not { Unread: { } news } unread)
                return null;
            unread.Unread = null;
            if (Read(news) is { } found)
                return found;
        }
    }

    /// <summary>Whether all of it has ended, which somebody else was told of.</summary>
    internal bool IsLost =>
        _threads.Keys.All(id => new LiveThread(Process.Id, id).ReadStatus() is null or { State: 'Z' or 'X' });

    internal InferiorNews EndUnheard() => End(new ExitNews(_lastStatus));

    /// <summary>Whether a thread is one of its threads.</summary>
    internal bool Has(int threadId) => _threads.ContainsKey(threadId);

    internal InferiorNews? Read(TraceeNews news)
    {
        if (!_threads.TryGetValue(news.ThreadId, out TracedThread? thread))
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
                TracedThread born = Welcome(thread.Tracee.EventMessage());
                Run(thread, isStep: _stepping.Contains(thread.Id));
                return new ThreadBornNews(born);
            case TraceeNewsKind.Forked:
                return ReadFork(thread, isVFork: false);
            case TraceeNewsKind.VForked:
                return ReadFork(thread, isVFork: true);
            case TraceeNewsKind.VForkDone:
                thread.AwaitsChild = false;
                _sites.Unshare();
                Run(thread, isStep: false);
                return null;
            case TraceeNewsKind.Executed:
                return ReadExecuted(thread);
            case TraceeNewsKind.SystemCall:
                return ReadSystemCall(thread);
            case TraceeNewsKind.Ending when _family is not null:
                return new EndingNews(thread);
            case TraceeNewsKind.GroupStopped:
                thread.IsGroupStopped = true;
                Run(thread, isStep: false);
                return null;
            default:
                // Somebody woke it, or it was asked to stop and had been let go again, or has just been made.
                thread.IsGroupStopped = false;
                if (thread.ComesFromCall && _family is { StopsAtSystemCalls: true })
                {
                    thread.ComesFromCall = false;
                    return new SystemCallNews(thread, IsEntry: false);
                }

                Run(thread, isStep: false);
                return null;
        }
    }

    private InferiorNews? ReadEnd(TracedThread thread, TraceeNews news)
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
        if (_family is null)
            LetOrphansGo();
        else
            _family.Leave(this);
        _threads.Clear();
        if (!_borrowsSites)
            _sites.Forget();
        return last;
    }

    /// <summary>
    /// A system call that was interrupted to stop the thread goes on when this does: neither its end nor its new beginning has happened.
    /// </summary>
    private SystemCallNews? ReadSystemCall(TracedThread thread)
    {
        bool isEntry = thread.Tracee.IsAtSystemCallEntry() ?? !thread.IsInSystemCall;
        thread.IsInSystemCall = isEntry;
        bool isNews = isEntry ? !thread.GoesOnWithCall : !thread.WasInterrupted || !thread.IsRestartingCall;
        thread.GoesOnWithCall = !isEntry && !isNews;
        if (isEntry)
            thread.WasInterrupted = false;
        if (isNews)
            return new SystemCallNews(thread, isEntry);
        Run(thread, isStep: false);
        return null;
    }

    private InferiorNews? ReadSignal(TracedThread thread, int signal)
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
        thread.GoesOnWithCall = false;
        return new SignalNews(thread, signal);
    }

    private bool IsOwnTrap(ulong address)
    {
        Span<byte> there = stackalloc byte[TrapInstruction.Bytes.Length];
        return Process.Memory.TryRead(address, there) && TrapInstruction.IsAt(there);
    }

    /// <summary>A thread that has just been made: its first stop may have come before it was told of.</summary>
    private TracedThread Welcome(int id)
    {
        if (_threads.TryGetValue(id, out TracedThread? known))
            return known;
        TracedThread thread = Add(new Tracee(Process.Id, id));
        thread.ComesFromCall = true;
        if (!_early.Remove(id))
            return thread;
        if (_family is { StopsAtSystemCalls: true })
            (thread.IsStopped, thread.Unread) = (true, new TraceeNews(id, TraceeNewsKind.Stopped, 0));
        else
            Run(thread, isStep: false);
        return thread;
    }

    private ForkNews? ReadFork(TracedThread parent, bool isVFork)
    {
        int child = parent.Tracee.EventMessage();
        // A parent that was killed in this moment does not say whom it has made: End sees to it.
        if (child == 0)
            return null;
        bool isThere = _early.Remove(child) || TraceeWaiter.WaitFor(child, s_patience) is not { IsStop: false };
        parent.AwaitsChild = isVFork;
        if (_family is not null)
        {
            if (isThere)
                Adopt(child, isVFork, _family);
        }
        else
        {
            if (isVFork)
                _sites.Share();
            LetGo(child);
        }

        bool isStep = _stepping.Contains(parent.Id);
        Run(parent, isStep);
        return new ForkNews(parent, child, isVFork);
    }

    /// <summary>A child is one more of the family; it stands still, with breakpoints where its parent has them.</summary>
    private void Adopt(int child, bool sharesMemory, InferiorFamily family)
    {
        if (LiveProcess.Find(child) is not { } process)
            return;
        var inferior = new Inferior(process, _ledger, family);
        inferior._sites.Dispose();
        inferior._borrowsSites = sharesMemory;
        inferior._sites = sharesMemory ? _sites : _sites.CopyIn(child, process.Memory);
        TracedThread first = inferior.Add(new Tracee(child, child));
        (first.IsStopped, first.ComesFromCall) = (true, true);
        if (family.StopsAtSystemCalls)
            first.Unread = new TraceeNews(child, TraceeNewsKind.Stopped, 0);
        family.Join(inferior);
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

    private ExecutedNews ReadExecuted(TracedThread thread)
    {
        foreach (int id in _threads.Keys.Where(id => id != thread.Id).ToList())
            _threads.Remove(id);
        _stepping.Clear();
        if (!_borrowsSites)
            _sites.Forget();
        _borrowsSites = false;
        Process = LiveProcess.Find(Process.Id) ?? Process;
        _sites = new BreakpointSites(Process.Id, Process.Memory, _ledger);
        return new ExecutedNews(thread);
    }
}
