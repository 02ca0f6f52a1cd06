using System.Runtime.InteropServices;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Tests.Support;

/// <summary>Memory that a test has written; what it has not written cannot be read.</summary>
internal sealed class MadeMemory : TargetMemory
{
    private readonly Dictionary<ulong, byte> _bytes = [];

    public override bool IsLive => false;

    public override int Read(ulong address, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && _bytes.TryGetValue(address + (ulong)done, out byte value))
            buffer[done++] = value;
        return done;
    }

    public void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        for (int n = 0; n < bytes.Length; n++)
            _bytes[address + (ulong)n] = bytes[n];
    }

    public void Write<T>(ulong address, T value)
        where T : unmanaged => Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
