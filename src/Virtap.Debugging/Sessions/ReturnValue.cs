using Virtap.Binaries;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Types;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Values;
using Virtap.Processes.Control;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Sessions;

/// <summary>What a function has returned, by the calling convention (System V ABI for x86-64, 3.2.3).</summary>
internal static class ReturnValue
{
    private const int Word = 8, VectorAt = 160, LongDoubleAt = 32, MaxInRegisters = 16;

    /// <summary>Reads it from a thread that has just come back.</summary>
    /// <returns>Null where it returns nothing, or where its value is not known.</returns>
    public static Value? Read(TracedThread thread, DebugFunction? function, TargetMemory memory)
    {
        if (function is null || TypeView.Resolve(function.Result).Type is VoidType || function.Result.Size is not (> 0 and long size))
            return null;
        CType type = TypeView.Resolve(function.Result).Type;
        bool isX64 = HostArchitecture.Current == Architecture.X64;
        if (type is StructureType or ArrayType && size > MaxInRegisters)
            return isX64 && thread.Registers[0] is ulong address ? Value.At(function.Result, memory, address) : null;
        if (type is FloatingType { Bytes: > Word })
            return isX64 && thread.ReadFloatRegisters() is { } floats
                ? Value.Of(function.Result, floats[LongDoubleAt..(LongDoubleAt + MaxInRegisters)]) : null;
        bool[] isFloat = [IsFloat(type, 0), IsFloat(type, Word)];
        if (isFloat.Contains(true) && !isX64)
            return null;
        byte[] bytes = new byte[MaxInRegisters];
        byte[]? vectors = isFloat.Contains(true) ? thread.ReadFloatRegisters() : null;
        // By DWARF's numbers integers come back in 0 and 1: rax and rdx, x0 and x1.
        int integers = 0, floating = 0;
        for (int half = 0; half < 2; half++)
        {
            Span<byte> word = bytes.AsSpan(half * Word, Word);
            if (isFloat[half])
                vectors?.AsSpan(VectorAt + (MaxInRegisters * floating++), Word).CopyTo(word);
            else if (thread.Registers[integers++] is ulong value)
                BitConverter.TryWriteBytes(word, value);
        }

        return Value.Of(function.Result, bytes, memory);
    }

    /// <summary>Whether all that lies in eight bytes of a type are numbers with a point.</summary>
    private static bool IsFloat(CType type, long from)
    {
        List<(long Offset, CType Type)> parts = [];
        Collect(type, 0, parts, 0);
        parts.RemoveAll(part => part.Offset < from || part.Offset >= from + Word);
        return parts.Count > 0 && parts.TrueForAll(static part => part.Type is FloatingType);
    }

    private static void Collect(CType type, long offset, List<(long Offset, CType Type)> parts, int depth)
    {
        const int maxDepth = 16, maxElements = 16;
        CType plain = TypeView.Resolve(type).Type;
        if (depth > maxDepth)
            return;
        switch (plain)
        {
            case StructureType { Definition: { } definition }:
                foreach (StructureMember member in definition.Members)
                    Collect(member.Type, offset + (member.BitOffset / 8), parts, depth + 1);
                break;
            case ArrayType array:
                for (long n = 0; n < Math.Min(array.Count ?? 0, maxElements); n++)
                    Collect(array.Element, offset + (n * (array.Element.Size ?? 1)), parts, depth + 1);
                break;
            default:
                parts.Add((offset, plain));
                break;
        }
    }
}
