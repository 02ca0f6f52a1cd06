namespace Virtap.Bpf.Features;

/// <summary>Something of the kernel that eBPF tracing uses where it is there.</summary>
/// <param name="Name">What it is, in a few words.</param>
/// <param name="Present">Whether this kernel has it, found by trying it.</param>
/// <param name="Since">The kernel version that brought it.</param>
/// <param name="Fallback">What is done without it, and what that costs.</param>
public sealed record KernelFeature(string Name, bool Present, string Since, string Fallback);
