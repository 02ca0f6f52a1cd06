namespace Virtap.Cli.Rendering;

/// <summary>What to call signals.</summary>
internal static class SignalNames
{
    /// <summary>The name of a signal that makes a core; the number of another. The numbers are those of x86-64 and aarch64.</summary>
    public static string Of(int signal) => signal switch
    {
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        11 => "SIGSEGV",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => $"signal {signal}",
    };
}
