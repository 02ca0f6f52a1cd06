using System.Buffers.Binary;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>
/// Reads the tables that a <c>switch</c> became: distances, in instructions, of one, two or four bytes from a place in the code to each
/// case. GCC writes <c>adrp x1, TABLE; add x1, x1, TABLE; ldrh w1, [x1, w0, uxtw #1]; adr x0, PLACE; add x1, x0, w1, sxth #2; br x1</c>,
/// with other instructions in between, behind a comparison of w0 with the highest case.
/// </summary>
internal sealed class Arm64JumpTables(ElfFile file, Arm64Function function)
{
    private const int MaxEntries = 1024;
    private const int MaxDistance = 24;
    private const int MaxDistanceOfBound = 256;

    /// <summary>The instructions that an indirect jump may lead to; empty where its table cannot be found.</summary>
    public IReadOnlyList<int> TargetsOf(int jump)
    {
        // add x1, x0, w1, sxth #2
        if (FindWriter(jump, function[jump].Left) is not (>= 0 and int sum) || !function[sum].Matches(0xffe01c00, 0x8b200800))
            return [];
        int size = function[sum].Field(13, 3) switch { 4 => 1, 5 => 2, 6 => 4, _ => 0 };

        // ldrh w1, [x1, w0, uxtw #1]; adr x0, PLACE
        if (size == 0 || FindWriter(sum, function[sum].Right) is not (>= 0 and int load) || !IsIndexed(function[load], size)
            || FindWriter(sum, function[sum].Left) is not (>= 0 and int place) || !function[place].IsAddress)
            return [];
        ulong origin = function[place].AddressAt(function.AddressOf(place));
        return AddressIn(load, function[load].Left) is { } table && CasesOf(load, function[load].Right) is { } cases
            ? Read(table, size, cases, origin) : [];
    }

    private static bool IsIndexed(Arm64Word word, int size) =>
        word.Matches(0x3fe00c00, 0x38600800) && word.Field(30, 2) == int.Log2(size) && word.Field(13, 3) is 2 or 3;

    /// <summary>The instruction just before that writes a register; -1 where there is none.</summary>
    private int FindWriter(int before, int register)
    {
        for (int at = before - 1; at >= 0 && at >= before - MaxDistance; at--)
        {
            if (Writes(function[at], register))
                return at;
        }

        return -1;
    }

    /// <summary>Whether an instruction writes a register, as far as that can be one of those above.</summary>
    private static bool Writes(Arm64Word word, int register) => word.Target == register && !word.IsCompareAndJump && !word.IsTestAndJump
        && !word.Matches(0x7c000000, 0x14000000) && !word.Matches(0x3f400000, 0x39000000);

    /// <summary>
    /// The address that is made in a register by adrp and add: just before or, for a switch in a loop, long before, and be it kept in the
    /// frame in between.
    /// </summary>
    private ulong? AddressIn(int before, int register)
    {
        int writer = FindWriter(before, register);
        if (writer >= 0 && IsLoadFromFrame(function[writer]))
        {
            // str x1, [sp, #16]
            uint store = function[writer].Value & ~0x0040001fu;
            for (int at = before - 1; at >= 0; at--)
            {
                if ((function[at].Value & ~0x1fu) == store && AddressMadeIn(at, function[at].Target) is { } kept)
                    return kept;
            }
        }

        return AddressMadeIn(before, register);
    }

    private ulong? AddressMadeIn(int before, int register)
    {
        for (int add = before - 1; add >= 0; add--)
        {
            Arm64Word word = function[add];
            if (word.Target == register && word.Matches(0xff800000, 0x91000000)
                && FindWriter(add, word.Left) is >= 0 and int page && function[page].IsAddress)
                return function[page].AddressAt(function.AddressOf(page)) + (ulong)word.Field(10, 12);
        }

        return null;
    }

    private static bool IsLoadFromFrame(Arm64Word word) => word.Matches(0xffc003e0, 0xf94003e0);

    /// <summary>How many cases there are, from the comparison of a register with the highest on the way to an instruction.</summary>
    private int? CasesOf(int before, int register)
    {
        int at = before;
        for (int steps = 0; steps < MaxDistanceOfBound && at >= 0; steps++)
        {
            at = at > 0 && function.FlowOf(at - 1).Kind is FlowKind.Next or FlowKind.ConditionalJump ? at - 1 : FindJumpTo(at);
            if (at < 0)
                return null;
            Arm64Word word = function[at];
            if (word.Matches(0x7fc0001f, 0x7100001f) && word.Left == register)
                return Math.Min(word.Field(10, 12) + 1, MaxEntries);
            if (Writes(word, register) && word.Matches(0x7fe0ffe0, 0x2a0003e0))
                register = word.Right;
            else if (Writes(word, register) && !word.Matches(0x3f800000, 0x38000000))
                return null;
        }

        return null;
    }

    /// <summary>The first direct jump to an instruction; -1 where there is none.</summary>
    private int FindJumpTo(int index)
    {
        ulong address = function.AddressOf(index);
        for (int at = 0; at < function.Count; at++)
        {
            if (function.FlowOf(at) is { IsDirectJump: true, Target: var target } && target == address)
                return at;
        }

        return -1;
    }

    private List<int> Read(ulong table, int size, int cases, ulong origin)
    {
        List<int> targets = [];
        ReadOnlySpan<byte> entries = file.BytesAt(table, cases * size);
        for (int at = 0; at + size <= entries.Length; at += size)
        {
            long distance = size switch
            {
                1 => (sbyte)entries[at],
                2 => BinaryPrimitives.ReadInt16LittleEndian(entries[at..]),
                _ => BinaryPrimitives.ReadInt32LittleEndian(entries[at..]),
            };
            if (function.IndexOf(unchecked(origin + (ulong)(distance << 2))) is not (>= 0 and int index))
                return [];
            targets.Add(index);
        }

        return targets;
    }
}
