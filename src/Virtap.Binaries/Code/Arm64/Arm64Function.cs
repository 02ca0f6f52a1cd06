using System.Runtime.InteropServices;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>A function of AArch64: words of four bytes.</summary>
internal sealed class Arm64Function : DecodedFunction
{
    private const int Size = sizeof(uint);

    private readonly ulong _start;
    private readonly uint[] _words;
    private readonly Arm64JumpTables? _tables;

    /// <summary>Decodes a function.</summary>
    /// <param name="start">Its link-time address.</param>
    /// <param name="code">Its bytes.</param>
    /// <param name="file">The file, for the tables by which it jumps; null if those do not matter.</param>
    public Arm64Function(ulong start, ReadOnlySpan<byte> code, ElfFile? file)
    {
        _start = start;
        _words = MemoryMarshal.Cast<byte, uint>(code[..Math.Min(code.Length, MaxLength)]).ToArray();
        if (file is null)
            return;
        PutBackMoved(file);
        _tables = new Arm64JumpTables(file, this);
    }

    /// <inheritdoc/>
    public override int Count => _words.Length;

    public Arm64Word this[int index] => new(_words[index]);

    /// <inheritdoc/>
    public override ulong AddressOf(int index) => _start + (ulong)(index * Size);

    /// <inheritdoc/>
    public override int IndexOf(ulong address) =>
        address - _start < (ulong)(Count * Size) && (address - _start) % Size == 0 ? (int)(address - _start) / Size : -1;

    /// <inheritdoc/>
    public override Flow FlowOf(int index)
    {
        Arm64Word word = this[index];
        ulong address = AddressOf(index);
        if (word.Matches(0x7c000000, 0x14000000))
            return new Flow(word.Bit(31) ? FlowKind.Call : FlowKind.Jump, To(26, 0));
        // b.cond, of which two conditions always hold; cbz, cbnz; tbz, tbnz
        if (word.Matches(0xff000000, 0x54000000))
            return new Flow(word.Field(1, 3) == 7 ? FlowKind.Jump : FlowKind.ConditionalJump, To(19, 5));
        if (word.IsCompareAndJump)
            return new Flow(FlowKind.ConditionalJump, To(19, 5));
        if (word.IsTestAndJump)
            return new Flow(FlowKind.ConditionalJump, To(14, 5));
        if (word.Matches(0xfe000000, 0xd6000000))
        {
            // Bit 24: with a key by which the address was signed.
            return (word.Field(21, 4) & 7) switch
            {
                0 => new Flow(FlowKind.IndirectJump, 0),
                1 => new Flow(FlowKind.Call, 0),
                2 => new Flow(FlowKind.Return, 0),
                _ => new Flow(FlowKind.End, 0),
            };
        }

        // Exceptions (brk, svc) and what is undefined for ever.
        return new Flow(word.Matches(0xff000000, 0xd4000000) || word.Matches(0xffff0000, 0) ? FlowKind.End : FlowKind.Next, 0);

        ulong To(int bits, int at) => unchecked(address + (ulong)(word.Signed(at, bits) * Size));
    }

    /// <inheritdoc/>
    public override bool IsPadding(int index) => _words[index] == Arm64Word.Nop;

    /// <inheritdoc/>
    public override void Step(int index, SymbolicMachine machine) => new Arm64Semantics(machine).Step(this[index], AddressOf(index));

    /// <inheritdoc/>
    public override JumpTest TestOf(int jump)
    {
        Arm64Word word = this[jump];
        FlagCondition zero = word.Bit(24) ? FlagCondition.NotEqual : FlagCondition.Equal;
        if (word.IsCompareAndJump)
            return new JumpTest(zero, word.Target, word.Size);
        return word.IsTestAndJump
            ? new JumpTest(zero, word.Target, Bit: word.TestedBit) : new JumpTest(Arm64Semantics.ConditionOf(word.Field(0, 4)));
    }

    /// <inheritdoc/>
    public override SymbolicValue AddressJumpedTo(int jump, SymbolicMachine machine) => machine[this[jump].Left];

    /// <inheritdoc/>
    protected override IReadOnlyList<int> ReadTable(int jump) => _tables?.TargetsOf(jump) ?? [];

    /// <summary>
    /// Puts back the loads that a linker moved away: because of erratum 843419 of Cortex-A53, one at the end of a page, behind an adrp, is
    /// a jump to a copy of it, behind which a jump leads back.
    /// </summary>
    private void PutBackMoved(ElfFile file)
    {
        for (int at = 0; at < Count; at++)
        {
            if (FlowOf(at) is not { Kind: FlowKind.Jump, Target: var target } || IndexOf(target) >= 0)
                continue;
            ReadOnlySpan<uint> moved = MemoryMarshal.Cast<byte, uint>(file.BytesAt(target, 2 * Size));
            if (moved.Length < 2 || !new Arm64Word(moved[0]).Matches(0x3b000000, 0x39000000))
                continue;
            Arm64Word back = new(moved[1]);
            ulong next = unchecked(target + Size + (ulong)(back.Signed(0, 26) * Size));
            if (back.Matches(0xfc000000, 0x14000000) && next == AddressOf(at) + Size)
                _words[at] = moved[0];
        }
    }
}
