using Virtap.Cli.Rendering;
using Virtap.Processes.Access;
using Virtap.Processes.Stops;

namespace Virtap.Cli.Words;

/// <summary>Why a thread could not be stopped, in words.</summary>
internal static class StopWords
{
    /// <summary>That a thread was not looked at, and why.</summary>
    public static string OfThread(ThreadStopException failure) =>
        failure.Failure == ThreadStopFailure.Ended ? "has ended" : "not looked at: " + Of(failure);

    /// <summary>Why it could not be stopped.</summary>
    public static string Of(ThreadStopException failure) => failure.Failure switch
    {
        ThreadStopFailure.Traced => Figures.Invariant(
            $"process {failure.TracerId} traces it (a debugger, strace), and the kernel allows one tracer; end that first"),
        ThreadStopFailure.Denied => ProcessException.WhatItTakes,
        ThreadStopFailure.Uninterruptible => "it sleeps in the kernel where it cannot be woken, and did not wake in time",
        ThreadStopFailure.OtherWidth => "it runs code of 32 bits, which is not supported",
        _ => "it has ended",
    };
}
