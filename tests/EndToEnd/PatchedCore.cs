using System.Buffers.Binary;

namespace Virtap.EndToEnd;

/// <summary>Changes to a core's file, by its program headers (64-bit, little-endian).</summary>
internal static class PatchedCore
{
    private const int HeaderSize = 56, Load = 1;

    /// <summary>Writes zeros where an address of the process lies.</summary>
    /// <returns>The number of the program header that it is in.</returns>
    public static int Overwrite(string core, ulong address, int length)
    {
        using var file = new FileStream(core, FileMode.Open);
        for (var n = 0; n < Count(file); n++)
        {
            var header = Read(file, TableAt(file) + n * HeaderSize, HeaderSize);
            var (offset, start, size) = (Word(header, 8), Word(header, 16), Word(header, 32));
            if (BinaryPrimitives.ReadInt32LittleEndian(header) != Load || address - start >= size)
                continue;
            file.Position = (long)(offset + (address - start));
            file.Write(new byte[length]);
            return n;
        }

        throw new InvalidDataException($"{core} has nothing at 0x{address:x}");
    }

    /// <summary>Leaves a header's bytes out of the file, as the kernel does with what it is not to dump.</summary>
    public static void TakeOut(string core, int number)
    {
        using var file = new FileStream(core, FileMode.Open);
        file.Position = TableAt(file) + number * HeaderSize + 32;
        file.Write(new byte[8]);
    }

    private static long TableAt(FileStream file) => (long)Word(Read(file, 32, 8), 0);

    // Of many there is a section that says how many: 0xffff stands for that, and the first ones are enough.
    private static int Count(FileStream file) => BinaryPrimitives.ReadUInt16LittleEndian(Read(file, 56, 2));

    private static ulong Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));

    private static byte[] Read(FileStream file, long at, int length)
    {
        var bytes = new byte[length];
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }
}
