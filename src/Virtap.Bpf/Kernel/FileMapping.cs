using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Bpf.Kernel;

/// <summary>
/// A file that the kernel makes, mapped for reading for as long as this process lives. The mapping is a private one: of
/// <c>/sys/kernel/btf</c>, which can be mapped since 6.16, the kernel gives no other.
/// </summary>
internal sealed unsafe class FileMapping : MemoryManager<byte>
{
    private readonly byte* _start;
    private readonly int _length;

    private FileMapping(byte* start, int length)
    {
        _start = start;
        _length = length;
    }

    /// <summary>The bytes of a file; null where it cannot be mapped.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ReadOnlyMemory<byte>? TryMap(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        if (length is 0 or > int.MaxValue)
            return null;
        void* start = Libc.Map(null, (nuint)length, Libc.ProtectRead, Libc.MapPrivate, BpfSyscall.Descriptor(file), 0);
        // Not as one expression: there null would become an empty Memory<byte>, and not null.
        if ((nint)start == -1)
            return null;
        return new FileMapping((byte*)start, (int)length).Memory;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_start, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
