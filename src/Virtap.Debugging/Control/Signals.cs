namespace Virtap.Debugging.Control;

/// <summary>What is done about a signal of the process that is debugged.</summary>
/// <param name="Stop">Whether the process stops.</param>
/// <param name="Print">Whether it is told.</param>
/// <param name="Pass">Whether the process gets it.</param>
public readonly record struct SignalHandling(bool Stop, bool Print, bool Pass);

/// <summary>Signals of Linux: their names and what they mean (signal(7)), and what debuggers do about them.</summary>
public static class Signals
{
    private const int RealTime = 34, Last = 64, NoMore = 32;

    private static readonly (string Name, string Meaning)[] s_signals =
    [
        ("0", "Signal 0"), ("SIGHUP", "Hangup"), ("SIGINT", "Interrupt"), ("SIGQUIT", "Quit"), ("SIGILL", "Illegal instruction"),
        ("SIGTRAP", "Trace/breakpoint trap"), ("SIGABRT", "Aborted"), ("SIGBUS", "Bus error"), ("SIGFPE", "Arithmetic exception"),
        ("SIGKILL", "Killed"), ("SIGUSR1", "User defined signal 1"), ("SIGSEGV", "Segmentation fault"),
        ("SIGUSR2", "User defined signal 2"), ("SIGPIPE", "Broken pipe"), ("SIGALRM", "Alarm clock"), ("SIGTERM", "Terminated"),
        ("SIGSTKFLT", "Stack fault"), ("SIGCHLD", "Child status changed"), ("SIGCONT", "Continued"), ("SIGSTOP", "Stopped (signal)"),
        ("SIGTSTP", "Stopped (user)"), ("SIGTTIN", "Stopped (tty input)"), ("SIGTTOU", "Stopped (tty output)"),
        ("SIGURG", "Urgent I/O condition"), ("SIGXCPU", "CPU time limit exceeded"), ("SIGXFSZ", "File size limit exceeded"),
        ("SIGVTALRM", "Virtual timer expired"), ("SIGPROF", "Profiling timer expired"), ("SIGWINCH", "Window size changed"),
        ("SIGIO", "I/O possible"), ("SIGPWR", "Power fail/restart"), ("SIGSYS", "Bad system call"),
    ];

    /// <summary>A signal's name.</summary>
    public static string NameOf(int signal) => signal < s_signals.Length ? s_signals[signal].Name : $"SIG{signal}";

    /// <summary>What it means.</summary>
    public static string MeaningOf(int signal) =>
        signal < s_signals.Length ? s_signals[signal].Meaning : $"Real-time event {signal}";

    /// <summary>The signal of a name (<c>SIGUSR1</c>, <c>USR1</c>, <c>SIG34</c>) or a number; null where there is none.</summary>
    public static int? Find(string name)
    {
        if (int.TryParse(name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name, out int number))
            return number is > 0 and <= Last ? number : null;
        int at = Array.FindIndex(s_signals, each => each.Name == name || each.Name == "SIG" + name);
        return at > 0 ? at : null;
    }

    /// <summary>All of them.</summary>
    public static IEnumerable<int> All => Enumerable.Range(1, NoMore - 1).Concat(Enumerable.Range(RealTime, Last - RealTime + 1));

    /// <summary>What gdb does about it unless it is told otherwise.</summary>
    public static SignalHandling Default(int signal) => NameOf(signal) switch
    {
        "SIGALRM" or "SIGURG" or "SIGIO" or "SIGVTALRM" or "SIGPROF" or "SIGCHLD" or "SIGWINCH" or "SIG32" => new(false, false, true),
        "SIGINT" or "SIGTRAP" => new(true, true, false),
        _ => new(true, true, true),
    };
}
