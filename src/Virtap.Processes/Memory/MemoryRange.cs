namespace Virtap.Processes.Memory;

/// <summary>A range of a target's memory.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct MemoryRange(ulong Address, int Length);
