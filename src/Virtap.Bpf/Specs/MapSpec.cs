namespace Virtap.Bpf.Specs;

/// <summary>A map before any kernel has seen it.</summary>
/// <param name="Name">The name programs refer to it by; also the kernel's name for it, cut to 15 characters.</param>
/// <param name="Type">The type.</param>
/// <param name="KeySize">Bytes per key; 4 for arrays, 0 for a ring buffer.</param>
/// <param name="ValueSize">Bytes per value; 0 for a ring buffer.</param>
/// <param name="MaxEntries">Elements; for a ring buffer its size in bytes.</param>
/// <param name="Flags">Creation flags.</param>
public sealed record MapSpec(
    string Name, BpfMapType Type, uint KeySize, uint ValueSize, uint MaxEntries, BpfMapFlags Flags = BpfMapFlags.None)
{
    /// <summary>An array map of one mmapable value of <paramref name="size"/> bytes: flat memory for programs and this process.</summary>
    public static MapSpec Memory(string name, uint size) => new(name, BpfMapType.Array, 4, size, 1, BpfMapFlags.Mmapable);

    /// <summary>A ring buffer.</summary>
    /// <param name="name">The map's name.</param>
    /// <param name="size">Bytes of data: a power of two, at least a page.</param>
    public static MapSpec Ring(string name, uint size) => new(name, BpfMapType.RingBuffer, 0, 0, size);

    /// <summary>One stable line for listings and golden tests.</summary>
    public override string ToString() =>
        $"map {Name}: {Type} key {KeySize} value {ValueSize} entries {MaxEntries}{(Flags == BpfMapFlags.None ? "" : $" {Flags}")}";
}

/// <summary>Types of maps, numbered as in <c>include/uapi/linux/bpf.h</c>.</summary>
public enum BpfMapType
{
    /// <summary>A hash table.</summary>
    Hash = 1,

    /// <summary>An array; with one value and the mmapable flag, flat memory shared with this process (5.5).</summary>
    Array = 2,

    /// <summary>Perf events by their descriptors, one for each processor.</summary>
    PerfEventArray = 4,

    /// <summary>A hash table with a value per processor.</summary>
    PerCpuHash = 5,

    /// <summary>An array with a value per processor.</summary>
    PerCpuArray = 6,

    /// <summary>Stack traces by id.</summary>
    StackTrace = 7,

    /// <summary>A hash table that, when it is full, forgets what was not used for longest (4.10).</summary>
    LruHash = 9,

    /// <summary>One ring buffer for all processors (5.8); the size is a power of two of whole pages.</summary>
    RingBuffer = 27,
}

/// <summary>Flags of BPF_MAP_CREATE.</summary>
[Flags]
public enum BpfMapFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Allocate the elements of a hash table as they come.</summary>
    NoPreallocation = 1 << 0,

    /// <summary>The value can be mapped into this process (arrays; 5.5).</summary>
    Mmapable = 1 << 10,
}
