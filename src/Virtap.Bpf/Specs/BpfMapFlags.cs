namespace Virtap.Bpf.Specs;

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
