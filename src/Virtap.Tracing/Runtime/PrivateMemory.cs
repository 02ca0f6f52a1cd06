using System.Runtime.InteropServices;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>Flat memory of this process alone, all zeros at first: for sessions that have no kernel map to share.</summary>
public sealed unsafe class PrivateMemory : IDisposable
{
    private byte* _address;

    /// <summary>Makes memory for a layout.</summary>
    public PrivateMemory(MemoryLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Length = (nuint)layout.AddressableBytes + MemoryLayout.Slack;
        _address = (byte*)NativeMemory.AllocZeroed(Length);
        View = new FlatMemory(_address, layout);
    }

    /// <summary>Bytes.</summary>
    public nuint Length { get; }

    /// <summary>The memory; not to be used after disposal.</summary>
    public FlatMemory View { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_address);
        _address = null;
    }
}
