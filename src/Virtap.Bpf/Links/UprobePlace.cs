namespace Virtap.Bpf.Links;

/// <summary>A place in a file to probe.</summary>
/// <param name="Offset">Bytes from the start of the file (not a virtual address).</param>
/// <param name="CounterOffset">
/// Offset in the file of the 16-bit semaphore the kernel counts up in every process while the probe is there (4.20), or 0.
/// </param>
/// <param name="Cookie">What bpf_get_attach_cookie gives the program at this place.</param>
public readonly record struct UprobePlace(ulong Offset, ulong CounterOffset = 0, ulong Cookie = 0);
