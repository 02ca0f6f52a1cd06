using System.Buffers.Binary;
using Virtap.Binaries.Elf.Cores;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Cores;

/// <summary>
/// The arguments of a process that was dumped. The kernel puts them on the main thread's stack before it starts: argc, the pointers to the
/// arguments, those to the environment, the auxiliary vector, its 16 random bytes, the strings. The note has the vector, the vector has
/// the address of the random bytes; from there it is found again.
/// </summary>
internal static class CoreStack
{
    private const ulong RandomBytes = 25;
    private const int LargestGap = 8192;
    private const int MaximumPointers = 1 << 16;
    private const int LongestArgument = 1 << 16;
    private const int MinVector = 64;

    /// <summary>Reads them; what the notes have (79 bytes, divided at blanks) where they cannot be found.</summary>
    public static IReadOnlyList<string> ReadArguments(CoreNotes notes, TargetMemory memory) =>
        FindVector(notes, memory) is { } vector
            && ReadArguments(memory, vector) is { } arguments
            ? arguments : notes.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ulong? FindVector(CoreNotes notes, TargetMemory memory)
    {
        if ((notes.AuxiliaryValue(RandomBytes) ?? 0) is var random && random < LargestGap || notes.AuxiliaryVector.Length < MinVector)
            return null;
        ulong top = random & ~7ul;
        byte[] below = new byte[LargestGap];
        if (!memory.TryRead(top - LargestGap, below))
            return null;
        ReadOnlySpan<byte> first = notes.AuxiliaryVector.AsSpan(0, MinVector);
        for (int at = LargestGap - MinVector; at >= 0; at -= 8)
        {
            if (below.AsSpan(at, MinVector).SequenceEqual(first))
                return top - LargestGap + (ulong)at;
        }

        return null;
    }

    // Downward: a zero ends the environment's pointers, another the arguments'; below these stands how many they are.
    private static List<string>? ReadArguments(TargetMemory memory, ulong vector)
    {
        ulong at = vector - 8;
        if (!memory.TryRead(at, out ulong zero) || zero != 0)
            return null;
        int seen = 0;
        do
        {
            at -= 8;
            if (++seen > MaximumPointers || !memory.TryRead(at, out zero))
                return null;
        }
        while (zero != 0);

        ulong end = at;
        for (int count = 0; count <= MaximumPointers; count++)
        {
            at -= 8;
            if (!memory.TryRead(at, out ulong word))
                return null;
            if (word == (ulong)count)
                return ReadStrings(memory, end - 8 * (ulong)count, count);
        }

        return null;
    }

    private static List<string>? ReadStrings(TargetMemory memory, ulong pointers, int count)
    {
        byte[] table = new byte[8 * count];
        if (!memory.TryRead(pointers, table))
            return null;
        var strings = new List<string>();
        for (int n = 0; n < count; n++)
        {
            if (memory.ReadString(BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(8 * n)), LongestArgument) is not { } text)
                return null;
            strings.Add(text);
        }

        return strings;
    }
}
