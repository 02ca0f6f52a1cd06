namespace Virtap.Processes;

/// <summary>What a thread does at one moment, as the kernel has it.</summary>
/// <param name="State">The letter of proc_pid_stat(5): <c>R</c> runs or could, <c>S</c> sleeps, <c>D</c> sleeps and cannot be woken by a signal, <c>T</c> stopped by a signal, <c>t</c> stopped by a tracer.</param>
/// <param name="WaitsIn">The function of the kernel in which it sleeps, such as <c>ep_poll</c>; null when it does not sleep, or the kernel does not tell (no CAP_SYS_PTRACE, a kernel without names).</param>
/// <param name="CpuTime">How long it has run so far, in user mode and in the kernel; steps of 10 ms.</param>
public readonly record struct ThreadStatus(char State, string? WaitsIn, TimeSpan CpuTime)
{
    /// <summary>Whether it is stopped: by a signal, or by whoever traces it.</summary>
    public bool IsStopped => State is 'T' or 't';
}
