using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Maps;

/// <summary>A map in the kernel. It lives as long as this handle or a program that uses it.</summary>
public sealed unsafe class BpfMap : IDisposable
{
    private BpfMap(MapSpec spec, SafeFileHandle handle)
    {
        Spec = spec;
        Handle = handle;
    }

    /// <summary>What it was made from.</summary>
    public MapSpec Spec { get; }

    /// <summary>Its file descriptor.</summary>
    public SafeFileHandle Handle { get; }

    internal int Descriptor => BpfSyscall.Descriptor(Handle);

    /// <summary>Creates a map. Memory counts against the process's memory cgroup (5.11), not against RLIMIT_MEMLOCK as before.</summary>
    /// <exception cref="BpfException">The kernel refused: too large a value, no memory, no privilege.</exception>
    public static BpfMap Create(MapSpec spec)
    {
        var attributes = new MapCreateAttributes
        {
            Type = (uint)spec.Type,
            KeySize = spec.KeySize,
            ValueSize = spec.ValueSize,
            MaxEntries = spec.MaxEntries,
            Flags = (uint)spec.Flags,
        };
        BpfSyscall.WriteName(attributes.Name, spec.Name);
        return new BpfMap(spec, BpfSyscall.Open(BpfCommand.MapCreate, ref attributes, $"creating {spec}"));
    }

    /// <summary>Copies the value of a key.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="value">Receives the value; for per-processor maps one value for each possible processor, each rounded up to 8 bytes.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="BpfException">Any failure but a missing key.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, Span<byte> value)
    {
        fixed (byte* k = key, v = value)
        {
            var attributes = new MapElementAttributes { Map = Descriptor, Key = (ulong)k, Value = (ulong)v };
            int result = BpfSyscall.Try(BpfCommand.MapLookup, ref attributes);
            return result switch
            {
                >= 0 => true,
                -Errno.NoEntry => false,
                _ => throw BpfException.FromError($"reading map '{Spec.Name}'", -result),
            };
        }
    }

    /// <summary>Sets the value of a key, adding it if it is not there.</summary>
    /// <exception cref="BpfException">The kernel refused: the map is full, for one.</exception>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* k = key, v = value)
        {
            var attributes = new MapElementAttributes { Map = Descriptor, Key = (ulong)k, Value = (ulong)v };
            BpfSyscall.Call(BpfCommand.MapUpdate, ref attributes, $"writing map '{Spec.Name}'");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
