using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Specs;
using Virtap.Interop;

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
