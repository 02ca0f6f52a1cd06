using System.Buffers.Binary;
using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Virtap.Binaries.Elf;

/// <summary>The bytes of a file, mapped or in memory; every access is checked against their end.</summary>
internal sealed unsafe class ElfImage : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private MemoryHandle _pin;
    private byte* _start;

    private ElfImage(MemoryMappedFile file, MemoryMappedViewAccessor view, ulong length)
    {
        _file = file;
        _view = view;
        Length = length;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += view.PointerOffset;
    }

    private ElfImage(ReadOnlyMemory<byte> bytes)
    {
        _pin = bytes.Pin();
        _start = (byte*)_pin.Pointer;
        Length = (ulong)bytes.Length;
    }

    /// <summary>Number of bytes.</summary>
    public ulong Length { get; }

    public static ElfImage Of(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>Maps a file; null where it is empty, which cannot be mapped.</summary>
    public static ElfImage? Map(string path)
    {
        // Any other sharing mode makes .NET take a lock on the file, which whoever else works with it would see.
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(handle);
        if (length == 0)
            return null;
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            return new ElfImage(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), (ulong)length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the bytes from <paramref name="offset"/> on are all there.</summary>
    public bool Holds(ulong offset, ulong size) => offset <= Length && size <= Length - offset;

    /// <summary>Bytes that lie within the file; more than a span takes are refused too.</summary>
    public bool TrySlice(ulong offset, ulong size, out ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_start is null && Length != 0, this);
        bool whole = Holds(offset, size) && size <= int.MaxValue;
        bytes = whole ? new ReadOnlySpan<byte>(_start + offset, (int)size) : default;
        return whole;
    }

    /// <summary>As many of the bytes as there are.</summary>
    public ReadOnlySpan<byte> Cut(ulong offset, ulong size)
    {
        if (offset >= Length)
            return default;
        _ = TrySlice(offset, Math.Min(Math.Min(size, Length - offset), int.MaxValue), out ReadOnlySpan<byte> bytes);
        return bytes;
    }

    public static ushort Half(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    public static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    public void Dispose()
    {
        if (_start is null)
            return;
        _start = null;
        _pin.Dispose();
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }
}

/// <summary>A part of a file that was checked to lie in it.</summary>
internal readonly record struct ElfRange(ulong Offset, ulong Size);
