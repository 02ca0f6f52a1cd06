using Virtap.Interop;

namespace Virtap.Processes.Access;

/// <summary>
/// A process could not be looked into: it has ended, or this process may not. The message says which, and what is needed.
/// </summary>
public sealed class ProcessException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ProcessException()
        : this("the process cannot be looked into")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public ProcessException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public ProcessException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>It has ended.</summary>
    internal static ProcessException Ended(int pid) => new($"there is no process {pid}, or it has ended");

    /// <summary>Something of a process may not be read; the message says what it takes.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="what">Of it: "the list of mappings".</param>
    public static ProcessException Denied(int pid, string what) =>
        new($"{what} of process {pid} cannot be read: {WhatItTakes}");

    /// <summary>What it takes to look into a process that may not be looked into: the end of a sentence for this user.</summary>
    public static string WhatItTakes => Libc.UserId() == 0
        ? "root may not either, as the process is outside of this container, or a security module or the lack of a capability forbids it"
        : "that takes root, or CAP_SYS_PTRACE (a process of the same user, where kernel.yama.ptrace_scope is 0, needs neither)";
}
