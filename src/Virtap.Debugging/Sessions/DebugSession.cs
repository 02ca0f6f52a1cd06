using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Control;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Processes;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Sessions;

/// <summary>
/// A process that is debugged, a core, or a program that does not run yet; with its breakpoints, and the thread and the frame that are
/// looked at. Everything but <see cref="Interrupt"/> is for one thread, the one that has made it.
/// </summary>
public sealed partial class DebugSession : IDisposable
{
    private readonly DebugFileSearch _search;
    private readonly IBreakpointLedger? _ledger;
    private readonly Func<DebugTarget, IRecoveredNames?> _recovered;
    private readonly Dictionary<int, SignalHandling> _signals = [];
    private FrameReader? _reader;
    private FrameList? _frames;
    private IRecoveredNames? _names;
    private int _coreThread;
    private int _hidden;

    private DebugSession(
        DebugTarget target, DebugFileSearch search, IBreakpointLedger? ledger, Func<DebugTarget, IRecoveredNames?> recovered)
    {
        (Target, _search, _ledger, _recovered) = (target, search, ledger, recovered);
        Use(target);
        Expressions = new ExpressionSession(Scope());
    }

    /// <summary>What is looked at.</summary>
    public DebugTarget Target { get; private set; }

    /// <summary>The process; null for a core, or a program that does not run.</summary>
    public Inferior? Inferior { get; private set; }

    /// <summary>Values and types, as names mean them in the frame that is looked at.</summary>
    public ExpressionSession Expressions { get; }

    /// <summary>How values are printed.</summary>
    public PrintOptions Options { get; set; } = new();

    /// <summary>The thread that is looked at; null where there is none.</summary>
    public TracedThread? Thread { get; private set; }

    /// <summary>The number of the frame that is looked at.</summary>
    public int FrameNumber { get; private set; }

    /// <summary>Told of what happens on the way and stops nothing: threads, children, programs.</summary>
    public Action<InferiorNews> Noticed { get; set; } = static _ => { };

    /// <summary>Whether there is a stack to look at.</summary>
    public bool HasStack => Thread is { IsStopped: true } || Target.Process is CoreProcess { Threads.Count: > 0 };

    /// <summary>The threads of a core.</summary>
    public IReadOnlyList<CoreThread> CoreThreads => Target.Process is CoreProcess core ? core.Threads : [];

    /// <summary>The number of the thread of a core that is looked at, from 1.</summary>
    public int CoreThreadNumber => _coreThread + 1;

    /// <summary>The frame that is looked at; null for none.</summary>
    public DebugFrame? Frame => HasStack ? Frames().Frames.ElementAtOrDefault(FrameNumber) : null;

    /// <summary>Looks at a core, or at a program that is to run.</summary>
    /// <param name="target">It, which the session disposes of.</param>
    /// <param name="search">Where debug information is sought.</param>
    /// <param name="ledger">Who is told of breakpoints; null for nobody.</param>
    /// <param name="recovered">What is known without debug information.</param>
    public static DebugSession Of(
        DebugTarget target, DebugFileSearch search, IBreakpointLedger? ledger, Func<DebugTarget, IRecoveredNames?> recovered) =>
        new(target, search, ledger, recovered);

    /// <summary>Begins to debug a process, and stops it.</summary>
    /// <exception cref="Processes.Stops.ThreadStopException">It cannot be traced.</exception>
    /// <exception cref="Processes.Access.ProcessException">It has ended, or may not be looked into.</exception>
    public static DebugSession Attach(
        LiveProcess process, DebugFileSearch search, IBreakpointLedger? ledger, Func<DebugTarget, IRecoveredNames?> recovered)
    {
        Inferior inferior = Inferior.Attach(process, ledger);
        try
        {
            var session = new DebugSession(DebugTarget.Of(process, search, inferior.Memory), search, ledger, recovered);
            session.Begin(inferior);
            return session;
        }
        catch
        {
            inferior.Dispose();
            throw;
        }
    }

    /// <summary>Starts the program, and stops it where its libraries are loaded and its own code begins.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>How it has ended before that, as where a library is missing; null where it stands there.</returns>
    /// <exception cref="Processes.Access.ProcessException">It cannot be started.</exception>
    public StopReport? Launch(IEnumerable<string> arguments)
    {
        string path = Path.GetFullPath(Target.Program.Name);
        Inferior inferior = Inferior.Launch(path, arguments, _ledger);
        Replace(inferior);
        Begin(inferior);
        ulong entry = Target.Program.File.EntryPoint + Target.Program.Bias;
        inferior.Insert(entry);
        inferior.ResumeAll();
        InferiorNews news;
        while ((news = inferior.Next()) is not (BreakpointNews or ExitNews or KilledNews))
        {
            if (news.Thread is { IsStopped: true } thread)
                inferior.Resume(thread);
        }

        if (Ended(news) is { } end)
            return Settle(end, null);
        inferior.StopAll();
        inferior.Remove(entry);
        Loaded();
        return null;
    }

    /// <summary>Asks, from whatever thread, that the process stops.</summary>
    public void Interrupt() => Inferior?.Interrupt();

    /// <summary>Nobody asks for it any more.</summary>
    public void ForgetInterrupt() => Inferior?.ForgetInterrupt();

    /// <summary>What is done about a signal.</summary>
    public SignalHandling HandlingOf(int signal) =>
        _signals.TryGetValue(signal, out SignalHandling known) ? known : Signals.Default(signal);

    /// <summary>Says what is done about a signal.</summary>
    public void Handle(int signal, SignalHandling handling) => _signals[signal] = handling;

    /// <summary>The frames of the thread that is looked at.</summary>
    public FrameList Frames() => _frames ??= FramesOf(Thread, withTailCalls: true);

    /// <summary>The frames of a thread.</summary>
    public FrameList FramesOf(TracedThread? thread, int count = StackWalker.DefaultDepth, bool withTailCalls = false)
    {
        if (thread is not null)
            return _reader!.Read(thread.Registers, count, thread == Thread ? _hidden : 0, withTailCalls);
        return CoreThread?.Registers is { } registers
            ? _reader!.Read(registers, count, withTailCalls: withTailCalls) : new FrameList([], IsCut: false, StackEnd.Lost);
    }

    /// <summary>Where a frame returns to; null where that is not known.</summary>
    public ulong? CallerOf(DebugFrame frame) => _reader!.CallerOf(frame);

    /// <summary>Where a frame has saved its caller's registers, by their DWARF numbers.</summary>
    public IReadOnlyList<(int Register, ulong Address)> SavedRegisters(DebugFrame frame) => _reader!.SavedRegisters(frame);

    /// <summary>Looks at another thread.</summary>
    public void Select(TracedThread thread)
    {
        if (Thread != thread)
            _hidden = 0;
        Thread = thread;
        _frames = null;
        SelectFrame(0);
    }

    /// <summary>Looks at another thread of a core, by its number.</summary>
    public void SelectCoreThread(int number)
    {
        _coreThread = number - 1;
        _frames = null;
        SelectFrame(0);
    }

    /// <summary>Looks at another frame.</summary>
    public void SelectFrame(int number)
    {
        FrameNumber = number;
        Expressions.Scope = Scope();
    }

    /// <summary>What names mean in a frame.</summary>
    public TargetScope ScopeOf(DebugFrame? frame) => new(Target, frame?.Physical, _names, frame?.Depth ?? 0)
    {
        Stack = frame?.Stack,
        Thread = Kernel is not { } kernel ? ThreadValues.None
            : new ThreadValues(kernel.ThreadPointer, () => Thread is null ? CoreThread?.FloatRegisters : Thread.ReadFloatRegisters()),
    };

    /// <summary>All that the kernel says of the registers of the thread that is looked at; null where none stands still.</summary>
    public KernelRegisters? Kernel => Thread is null ? CoreThread?.Kernel : Thread.IsStopped ? Thread.Kernel : null;

    private CoreThread? CoreThread => CoreThreads.ElementAtOrDefault(_coreThread);

    /// <summary>Lets the process go on as if nobody had been there; a program can be run again.</summary>
    public void Detach()
    {
        Inferior?.Detach();
        End();
    }

    /// <summary>Ends the process.</summary>
    public void Kill()
    {
        Inferior?.Kill();
        End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Inferior?.Dispose();
        Target.Dispose();
    }

    private TargetScope Scope() => ScopeOf(Frame);

    private void Use(DebugTarget target)
    {
        Target = target;
        _reader = new FrameReader(target);
        _names = _recovered(target);
        _frames = null;
    }

    private void Begin(Inferior inferior)
    {
        Inferior = inferior;
        Select(inferior.Threads[0]);
    }

    /// <summary>Another process, or another program in it, takes the target's place.</summary>
    private void Replace(Inferior inferior)
    {
        DebugTarget old = Target;
        Use(DebugTarget.Of(inferior.Process, _search, inferior.Memory));
        old.Dispose();
    }

    private void End()
    {
        foreach (Breakpoint breakpoint in _breakpoints)
            breakpoint.Last = null;
        _inserted.Clear();
        Inferior?.Dispose();
        Inferior = null;
        Thread = null;
        string path = Target.ProgramName;
        if (Target.Process is LiveProcess && File.Exists(path))
        {
            DebugTarget old = Target;
            Use(DebugTarget.OfFile(path, _search));
            old.Dispose();
        }

        _frames = null;
        FrameNumber = 0;
        Expressions.Scope = ScopeOf(null);
        // What was found in the process's images went with them.
        Resolve();
    }

    /// <summary>The process has loaded code, or may have.</summary>
    private void Loaded()
    {
        Target.Refresh();
        Forget();
        Resolve();
    }

    private void Forget()
    {
        _frames = null;
        _reader?.Refresh();
    }
}
