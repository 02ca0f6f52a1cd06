using System.Buffers.Binary;
using System.Text;

namespace Virtap.Tracing.Files;

/// <summary>What the kernel asks a file system of this process (include/uapi/linux/fuse.h), as far as files of handlers need it.</summary>
internal enum FuseOperation
{
    Lookup = 1,
    Forget = 2,
    GetAttributes = 3,
    SetAttributes = 4,
    Open = 14,
    Read = 15,
    Write = 16,
    FileSystemStatus = 17,
    Release = 18,
    Flush = 25,
    Initialize = 26,
    OpenFolder = 27,
    ReadFolder = 28,
    ReleaseFolder = 29,
    Interrupt = 36,
    Destroy = 38,
    ForgetMany = 42,
}

/// <summary>A question of the kernel's: struct fuse_in_header, and what belongs to the operation.</summary>
internal readonly ref struct FuseRequest(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 40;

    private const int HandleAt = 0, OffsetAt = 8, SizeAt = 16, WrittenAt = 40;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public FuseOperation Operation => (FuseOperation)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);

    public ulong Unique => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);

    public ulong Node => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[16..]);

    /// <summary>The thread that asks, as this process's namespace has it.</summary>
    public int Thread => BinaryPrimitives.ReadInt32LittleEndian(_bytes[32..]);

    /// <summary>The name that is looked up.</summary>
    public string Name => Encoding.UTF8.GetString(Body[..Math.Max(Body.IndexOf((byte)0), 0)]);

    /// <summary>Of an open file, the number that it was given when it was opened.</summary>
    public ulong Handle => Number(HandleAt);

    public ulong Offset => Number(OffsetAt);

    public uint Size => (uint)Number(SizeAt);

    /// <summary>What is written.</summary>
    public ReadOnlySpan<byte> Written => Body.Length < WrittenAt ? [] : Body[WrittenAt..Math.Min(Body.Length, WrittenAt + (int)Size)];

    private ReadOnlySpan<byte> Body => _bytes[HeaderBytes..];

    private ulong Number(int at) => Body.Length >= at + 8 ? BinaryPrimitives.ReadUInt64LittleEndian(Body[at..]) : 0;
}

/// <summary>An answer: struct fuse_out_header, and behind it what the operation's structure has, written field by field.</summary>
internal sealed class FuseAnswer
{
    private const int HeaderBytes = 16;

    private readonly List<byte> _bytes = [];

    public FuseAnswer(ulong unique, int error = 0)
    {
        Word(0).Word(unchecked((uint)-error)).Long(unique);
    }

    /// <summary>Bytes behind the header.</summary>
    public int BodyBytes => _bytes.Count - HeaderBytes;

    public FuseAnswer Word(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    public FuseAnswer Long(ulong value) => Word((uint)value).Word((uint)(value >> 32));

    public FuseAnswer Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>struct fuse_attr: 88 bytes.</summary>
    public FuseAnswer Attributes(ulong node, uint mode, long seconds, uint user, uint group)
    {
        const uint blockBytes = 4096;
        Long(node).Long(0).Long(0).Long((ulong)seconds).Long((ulong)seconds).Long((ulong)seconds).Word(0).Word(0).Word(0);
        return Word(mode).Word(1).Word(user).Word(group).Word(0).Word(blockBytes).Word(0);
    }

    /// <summary>struct fuse_dirent: an entry of a folder.</summary>
    public static byte[] Entry(ulong node, ulong next, bool isFolder, string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        var bytes = new byte[24 + ((text.Length + 7) & ~7)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, node);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), next);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), isFolder ? 4 : 8);
        text.CopyTo(bytes, 24);
        return bytes;
    }

    /// <summary>The whole, with its length in front.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = [.. _bytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        return bytes;
    }
}
