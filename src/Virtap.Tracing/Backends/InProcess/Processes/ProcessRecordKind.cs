namespace Virtap.Tracing.Backends.InProcess.Processes;

/// <summary>What happened.</summary>
internal enum ProcessRecordKind
{
    /// <summary>A thread was made: the first of a new process, or one more.</summary>
    Fork = 0,

    /// <summary>A process goes on with another program.</summary>
    Exec = 1,

    /// <summary>A thread ended.</summary>
    Exit = 2,

    /// <summary>The last thread of a process ended.</summary>
    LastExit = 3,
}
