using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Commands;
using Virtap.Processes.Memory;
using Virtap.Processes.Stops;
using Virtap.Processes.Tracees;

namespace Virtap.Processes.Control;

/// <summary>
/// A process that is debugged: all of its threads are traced, stopped and let go, and breakpoints are put into its code. All calls but
/// <see cref="Interrupt"/> are to be made by one thread, the one that has attached. It has to end in <see cref="Detach"/> or in the end of
/// the process: a tracer that dies lets threads go on, and leaves its breakpoints (docs/decisions/008 says who sees to that).
/// </summary>
public sealed partial class Inferior : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // An instruction is done in a microsecond, unless it is a system call, or has to wait for a page.
    private static readonly TimeSpan s_stepPatience = TimeSpan.FromMilliseconds(20);

    private readonly SortedDictionary<int, TracedThread> _threads = [];
    private readonly HashSet<int> _early;
    private readonly HashSet<int> _stepping = [];
    private readonly Queue<InferiorNews> _pending = new();
    private readonly TraceeWaiter _news = new();
    private readonly IBreakpointLedger? _ledger;
    private readonly InferiorFamily? _family;
    private BreakpointSites _sites;
    private bool _borrowsSites;
    private int _numbers;
    private volatile bool _isInterrupted;
    private int _lastStatus;

    private Inferior(LiveProcess process, IBreakpointLedger? ledger, InferiorFamily? family)
    {
        (Process, _ledger, _family) = (process, ledger, family);
        _sites = new BreakpointSites(process.Id, process.Memory, ledger);
        _early = family?.Early ?? [];
    }

    /// <summary>The process.</summary>
    public LiveProcess Process { get; private set; }

    /// <summary>Whether it is there, and traced.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Its threads, in the order of their numbers.</summary>
    public IReadOnlyList<TracedThread> Threads => [.. _threads.Values.OrderBy(static thread => thread.Number)];

    /// <summary>Whether it had, at any time, more threads than one.</summary>
    public bool IsMultiThreaded => _numbers > 1;

    /// <summary>Its memory, without the breakpoints that are in it.</summary>
    public TargetMemory Memory => new UntouchedMemory(Process.Memory, _sites);

    /// <summary>Begins to debug a process that runs, and stops it.</summary>
    /// <param name="process">The process.</param>
    /// <param name="ledger">Who is told of breakpoints; null for nobody.</param>
    /// <exception cref="ThreadStopException">It cannot be traced.</exception>
    public static Inferior Attach(LiveProcess process, IBreakpointLedger? ledger) => Attach(process, ledger, family: null);

    internal static Inferior Attach(LiveProcess process, IBreakpointLedger? ledger, InferiorFamily? family)
    {
        var inferior = new Inferior(process, ledger, family);
        // Until a look at all threads finds no new one: those made by threads that are traced already are traced from their birth.
        bool isNew = true;
        while (isNew)
        {
            isNew = false;
            foreach (ProcessThread found in process.Threads())
            {
                if (inferior._threads.ContainsKey(found.Id))
                    continue;
                try
                {
                    inferior.Add(Tracee.Seize(process.Id, found.Id, stopsAtEnd: family is not null));
                    isNew = true;
                }
                catch (ThreadStopException e) when (e.Failure == ThreadStopFailure.Ended && found.Id != process.Id)
                {
                    // It had just been there.
                }
                catch (ThreadStopException e) when (e.Failure != ThreadStopFailure.Ended && inferior.WasBornTraced(found.Id))
                {
                    isNew = true;
                }
                catch (ThreadStopException)
                {
                    inferior.StopAll();
                    inferior.Detach();
                    throw;
                }
            }
        }

        if (inferior._threads.Count == 0)
            throw new ThreadStopException(ThreadStopFailure.Ended, process.Id, process.Id);
        inferior.StopAll();
        foreach (TracedThread thread in inferior._threads.Values)
            thread.GoesOnWithCall = thread is { IsStopped: true, Unread: null, IsRestartingCall: true };
        return inferior;
    }

    /// <summary>Asks, from whatever thread, that the process stops: <see cref="Next"/> tells of it.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        _news.Wake();
    }

    /// <summary>Nobody asks for it any more.</summary>
    public void ForgetInterrupt() => _isInterrupted = false;

    /// <summary>Puts a breakpoint in; as often as that, it is to be removed.</summary>
    /// <returns>False where there is no memory, or the place is another tracer's (<see cref="IsTaken"/>).</returns>
    public bool Insert(ulong address) => _sites.Insert(address);

    /// <summary>Whether another tracer's breakpoint is at an address, as an eBPF tracer's are: hits there are the kernel's.</summary>
    public bool IsTaken(ulong address) => _sites.IsTaken(address);

    /// <summary>Makes a counter one higher until the breakpoints are gone: the semaphore of a mark.</summary>
    /// <returns>False where there is no memory.</returns>
    public bool Raise(ulong counter) => _sites.Raise(counter);

    /// <summary>Removes a breakpoint.</summary>
    public void Remove(ulong address)
    {
        if (IsAlive)
            _sites.Remove(address);
    }

    /// <summary>Whether there is a breakpoint at an address.</summary>
    public bool HasBreakpoint(ulong address) => _sites.Has(address);

    /// <summary>Says that a thread starts from where it stands: a breakpoint there is behind it.</summary>
    public static void StartFromHere(TracedThread thread) => thread.Passed = thread.Address;

    /// <summary>Takes a signal away from a thread that was about to get it.</summary>
    public static void Withhold(TracedThread thread) => thread.Signal = 0;

    /// <summary>Gives a thread a signal when it goes on.</summary>
    public static void Give(TracedThread thread, int signal) => thread.Signal = signal;

    /// <summary>Lets all threads go on that have nothing to be told.</summary>
    public void ResumeAll()
    {
        StepOverBreakpoints(null);
        foreach (TracedThread thread in Threads)
        {
            if (thread.IsStopped && thread.Unread is null && !StandsAtBreakpoint(thread))
                Run(thread, isStep: false);
        }
    }

    /// <summary>Lets a thread go on.</summary>
    public void Resume(TracedThread thread)
    {
        if (!thread.IsStopped || thread.Unread is not null)
            return;
        StepOverBreakpoints(thread);
        if (thread.IsStopped && thread.Unread is null && !StandsAtBreakpoint(thread))
            Run(thread, isStep: false);
    }

    /// <summary>Lets a thread run one instruction, while the others do as they did.</summary>
    public void Step(TracedThread thread)
    {
        if (!thread.IsStopped || thread.Unread is not null)
            return;
        if (thread.Passed == thread.Address && _sites.Has(thread.Address))
        {
            if (StepOver(thread))
                _pending.Enqueue(new StepNews(thread));
            return;
        }

        Run(thread, isStep: true);
    }

    /// <summary>Stops all threads that run.</summary>
    public void StopAll()
    {
        // One that waits for a child of vfork(2) runs nothing until it is told of.
        List<TracedThread> running = [.. _threads.Values.Where(static thread => !thread.IsStopped && !thread.AwaitsChild)];
        foreach (TracedThread thread in running)
        {
            thread.WasInterrupted = true;
            thread.Tracee.Interrupt();
        }

        foreach (TracedThread thread in running)
            AwaitStop(thread);
        // What those have made meanwhile.
        foreach (TracedThread born in _threads.Values.Where(static thread => !thread.IsStopped && !thread.AwaitsChild).ToList())
            AwaitStop(born);
    }

    /// <summary>Ends the process.</summary>
    public void Kill()
    {
        _ = ProcessSignal.Send(Process.Id, ProcessSignal.Kill);
        while (IsAlive)
            _ = Next();
    }

    /// <summary>Takes all breakpoints out and lets all threads go on untraced, with the signals that were on their way to them.</summary>
    public void Detach()
    {
        if (!IsAlive)
            return;
        Settle();
        foreach (int child in _early)
            LetGo(child);
        _early.Clear();
        ClearSites();
        LetAllGo();
    }

    /// <summary>
    /// Stops all threads, and hears of those and of the children that were just made: these have breakpoints too.
    /// </summary>
    internal void Settle()
    {
        StopAll();
        while (_threads.Values.FirstOrDefault(static thread => thread.Unread is { IsBirth: true }) is { Unread: { } birth } parent)
        {
            parent.Unread = null;
            _ = Read(birth);
            StopAll();
        }
    }

    internal void ClearSites()
    {
        if (!_borrowsSites)
            _sites.Clear();
    }

    /// <summary>Lets all threads go on untraced, with the signals that were on their way to them. They have to have stopped.</summary>
    internal void LetAllGo()
    {
        foreach (TracedThread thread in _threads.Values)
        {
            int signal = thread.Unread is { Kind: TraceeNewsKind.Signal } unread ? SignalOf(thread, unread) : thread.Signal;
            thread.WriteBack();
            thread.Tracee.Detach(signal);
        }

        IsAlive = false;
        _threads.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detach();
        _sites.Dispose();
        _news.Dispose();
    }

    /// <summary>A trap that nobody but this tracer has made is no signal of the process's.</summary>
    private static int SignalOf(TracedThread thread, TraceeNews news) =>
        news.Number == ProcessSignal.Trap && thread.Tracee.ReadTrap() != TrapKind.Other ? 0 : news.Number;

    private TracedThread Add(Tracee tracee)
    {
        var thread = new TracedThread(tracee, ++_numbers);
        _threads.Add(tracee.ThreadId, thread);
        return thread;
    }

    /// <summary>Whether a thread that cannot be seized is one that a thread of this process's has just made.</summary>
    private bool WasBornTraced(int id)
    {
        if (new LiveThread(Process.Id, id).TracerId != Environment.ProcessId)
            return false;
        Add(new Tracee(Process.Id, id));
        return true;
    }

    private void Run(TracedThread thread, bool isStep)
    {
        int signal = thread.Signal;
        thread.Signal = 0;
        thread.Passed = null;
        thread.WriteBack();
        thread.Forget();
        thread.IsStopped = false;
        _stepping.Remove(thread.Id);
        if (thread.IsGroupStopped)
        {
            thread.Tracee.Listen();
        }
        else if (isStep)
        {
            _stepping.Add(thread.Id);
            thread.Tracee.Step(signal);
        }
        else if (_family is { StopsAtSystemCalls: true })
        {
            thread.Tracee.ContinueToSystemCall(signal);
        }
        else
        {
            thread.Tracee.Continue(signal);
        }
    }

    /// <summary>Gets threads that stand at breakpoints behind them.</summary>
    /// <param name="only">The thread that is meant; null for all.</param>
    private void StepOverBreakpoints(TracedThread? only)
    {
        foreach (TracedThread thread in only is null ? Threads : [only])
        {
            if (StandsAtBreakpoint(thread))
                StepOver(thread);
        }
    }

    /// <summary>Whether a thread stands at a breakpoint that it is to go on behind: still, where a stop was wanted meanwhile.</summary>
    private bool StandsAtBreakpoint(TracedThread thread) => thread is { IsStopped: true, Unread: null, IsGroupStopped: false }
        && thread.Passed is ulong passed && passed == thread.Address && _sites.Has(passed);

    /// <summary>
    /// Gets a thread behind the instruction below a breakpoint. What a tracer can do for it, it does; else the thread runs it, and the
    /// breakpoint is taken out meanwhile: so that none passes it unseen, all others stand still. Those that ran go on afterwards.
    /// </summary>
    /// <returns>Whether it has run it, and nothing else has happened to it.</returns>
    private bool StepOver(TracedThread thread)
    {
        ulong address = thread.Address;
        if (_sites.TryPass(thread, address))
            return true;
        // Who shares the memory (vfork) may come by, too.
        List<Inferior> sharers = [.. (_family?.Members ?? [this]).Where(each => each._sites == _sites)];
        List<(Inferior Owner, TracedThread Thread)> running =
            [.. sharers.SelectMany(static each => each._threads.Values.Where(static one => !one.IsStopped).Select(one => (each, one)))];
        sharers.ForEach(static each => each.StopAll());
        bool isDone = false;
        if (IsAlive && _threads.ContainsKey(thread.Id))
        {
            _sites.Lift(address, isOut: true);
            Run(thread, isStep: true);
            if (AwaitStep(thread) is { } news)
            {
                isDone = IsPlainStep(thread, news) || !Keep(thread, news);
                if (news.Kind == TraceeNewsKind.Stopped && thread.Address == address)
                    (isDone, thread.Passed) = (false, address);
            }

            if (IsAlive && _sites.Has(address))
                _sites.Lift(address, isOut: false);
        }

        foreach ((Inferior owner, TracedThread other) in running)
        {
            if (owner._threads.ContainsKey(other.Id) && other is { IsStopped: true, Unread: null })
                owner.Run(other, isStep: false);
        }

        return isDone && thread.IsStopped;
    }

    /// <summary>
    /// Waits until a thread has run its instruction. One that sleeps in a system call is not waited for: it is behind the instruction,
    /// and may need the others to wake. Whoever wants the process to stop does not wait either: then it stands where it stood.
    /// </summary>
    /// <returns>Null where it is gone, or sleeps in a system call.</returns>
    private TraceeNews? AwaitStep(TracedThread thread)
    {
        var live = new LiveThread(Process.Id, thread.Id);
        while (true)
        {
            if (TraceeWaiter.WaitFor(thread.Id, s_stepPatience) is { } news)
            {
                // One that was asked to stop before, and had stopped for another reason, does so now.
                if (news.Kind != TraceeNewsKind.Stopped || _isInterrupted)
                    return news;
                thread.Tracee.Step(0);
                continue;
            }

            if (live.ReadStatus() is null || live.SleepsInSystemCall == true)
                return null;
            if (!_isInterrupted)
                continue;
            thread.Tracee.Interrupt();
            return AwaitInterrupted(thread);
        }
    }

    private bool IsPlainStep(TracedThread thread, TraceeNews news)
    {
        bool isPlain = news is { Kind: TraceeNewsKind.Signal, Number: ProcessSignal.Trap } && SignalOf(thread, news) == 0;
        if (isPlain)
        {
            thread.IsStopped = true;
            _stepping.Remove(thread.Id);
        }

        return isPlain;
    }

    /// <summary>Keeps news for later.</summary>
    /// <returns>Whether there is something to be told later.</returns>
    private static bool Keep(TracedThread thread, TraceeNews news)
    {
        thread.IsStopped = news.IsStop;
        if (news.Kind is TraceeNewsKind.Stopped)
            return false;
        thread.Unread = news;
        thread.IsStopped = true;
        return true;
    }

    /// <summary>Waits until a thread that was asked to has stopped; what else comes from it is kept for later.</summary>
    private void AwaitStop(TracedThread thread)
    {
        if (thread.IsStopped || !_threads.ContainsKey(thread.Id))
            return;
        if (AwaitInterrupted(thread) is not { } news)
        {
            // Gone, or sleeping where nothing reaches it: it will be told of when it wakes.
            if (LiveProcess.Find(Process.Id) is null)
                IsAlive = false;
            return;
        }

        thread.Forget();
        if (news is { Kind: TraceeNewsKind.Signal, Number: ProcessSignal.Trap } && SignalOf(thread, news) == 0)
        {
            // It has run into a breakpoint, or done its step, at the same moment. A breakpoint it meets again when it goes on.
            thread.IsStopped = true;
            ulong address = thread.Address - (ulong)BreakpointSites.Behind;
            if (thread.Tracee.ReadTrap() == TrapKind.Breakpoint && _sites.Has(address))
                thread.MoveTo(address);
            _stepping.Remove(thread.Id);
            return;
        }

        Keep(thread, news);
    }

    /// <summary>
    /// Waits for news of a thread that was asked to stop. A step or a breakpoint may trap at the same moment, and asking comes first: a
    /// system call that is stepped traps whenever it is interrupted. The trap waits behind that stop, and would end a process that nobody
    /// traces any more.
    /// </summary>
    private TraceeNews? AwaitInterrupted(TracedThread thread)
    {
        TraceeNews? news = TraceeWaiter.WaitFor(thread.Id, s_patience);
        return news is { Kind: TraceeNewsKind.Stopped } && new LiveThread(Process.Id, thread.Id).IsPending(ProcessSignal.Trap)
            && thread.Tracee.Continue(0) ? TraceeWaiter.WaitFor(thread.Id, s_patience) : news;
    }
}
