namespace Virtap.Bpf.Specs;

/// <summary>Types of maps, numbered as in <c>include/uapi/linux/bpf.h</c>.</summary>
public enum BpfMapType
{
    /// <summary>A hash table.</summary>
    Hash = 1,

    /// <summary>An array; with one value and the mmapable flag, flat memory shared with this process (5.5).</summary>
    Array = 2,

    /// <summary>A hash table with a value per processor.</summary>
    PerCpuHash = 5,

    /// <summary>An array with a value per processor.</summary>
    PerCpuArray = 6,

    /// <summary>Stack traces by id.</summary>
    StackTrace = 7,

    /// <summary>One ring buffer for all processors (5.8); the size is a power of two of whole pages.</summary>
    RingBuffer = 27,
}
