namespace Virtap.Tracing.Probes;

/// <summary>What happens to a process or thread. The numbers are those of the records that the kernel's side sends.</summary>
public enum ProcessEvent
{
    /// <summary>
    /// A process comes to run the program: by exec, or as the child of one that does; at the start of the session also for each that runs
    /// it already.
    /// </summary>
    Begin = 0,

    /// <summary>A process that runs the program ends, or goes on with another program.</summary>
    End = 1,

    /// <summary>A process that runs the program gets a further thread.</summary>
    ThreadBegin = 2,

    /// <summary>A thread that is not the first one of its process ends.</summary>
    ThreadEnd = 3,
}
