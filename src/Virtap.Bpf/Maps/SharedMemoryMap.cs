using Virtap.Bpf.Kernel;
using Virtap.Bpf.Specs;
using Virtap.Interop;

namespace Virtap.Bpf.Maps;

/// <summary>
/// An array map of one value, mapped into this process (BPF_F_MMAPABLE, 5.5): flat memory that programs and this process work on together.
/// Both sides see each other's plain stores; atomic operations agree with those of <see cref="Interlocked"/>.
/// </summary>
public sealed unsafe class SharedMemoryMap : IDisposable
{
    private byte* _address;

    private SharedMemoryMap(BpfMap map, byte* address, nuint length)
    {
        Map = map;
        _address = address;
        Length = length;
    }

    /// <summary>The map, to load programs with.</summary>
    public BpfMap Map { get; }

    /// <summary>Bytes of the value.</summary>
    public nuint Length { get; }

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">The memory was unmapped.</exception>
    public byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address is null, this);
            return _address;
        }
    }

    /// <summary>All bytes. Not to be used after disposal.</summary>
    public Span<byte> Span => new(Address, checked((int)Length));

    /// <summary>Creates the map and maps it. The memory is zero and is allocated at once, by the kernel.</summary>
    /// <param name="spec">As <see cref="MapSpec.Memory"/> makes it.</param>
    /// <exception cref="BpfException">Refused; E2BIG where the kernel's limit is below the size, see the feature of large
    /// values.</exception>
    public static SharedMemoryMap Create(MapSpec spec)
    {
        if (spec is not { Type: BpfMapType.Array, MaxEntries: 1 } || !spec.Flags.HasFlag(BpfMapFlags.Mmapable))
            throw new ArgumentException($"not a map of one mmapable value: {spec}", nameof(spec));
        BpfMap map = BpfMap.Create(spec);
        nuint page = (nuint)Environment.SystemPageSize;
        nuint length = (spec.ValueSize + page - 1) / page * page;
        void* address = Libc.Map(null, length, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, map.Descriptor, 0);
        if ((nint)address == -1)
        {
            BpfException failure = BpfException.FromLastError($"mapping {spec} into this process");
            map.Dispose();
            throw failure;
        }

        return new SharedMemoryMap(map, (byte*)address, spec.ValueSize);
    }

    /// <summary>Unmaps the memory and closes the map; loaded programs keep theirs.</summary>
    public void Dispose()
    {
        if (_address is null)
            return;
        nuint page = (nuint)Environment.SystemPageSize;
        _ = Libc.Unmap(_address, (Length + page - 1) / page * page);
        _address = null;
        Map.Dispose();
    }
}
