using System.Buffers.Binary;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.X64;

/// <summary>x86-64: instructions of 1 to 15 bytes, which refer to the image relative to their own address.</summary>
internal sealed class X64InstructionSet : InstructionSet
{
    /// <inheritdoc/>
    public override CallingConvention Convention => CallingConvention.X64;

    /// <inheritdoc/>
    public override DecodedFunction Decode(ulong start, ReadOnlySpan<byte> code, ElfFile? file) => X64Function.Decode(start, code, file);

    /// <inheritdoc/>
    public override ReferenceSearch SearchFor(IReadOnlySet<ulong> targets) => new DisplacementSearch(targets);

    /// <summary>Where the displacement of <c>cmpw $0,STATE(%rip)</c> leads, which has an operand of a byte behind it.</summary>
    public override ulong? AddressTested(ElfFile file, ulong place)
        => file.BytesAt(place - 3, 8) is [0x66, 0x83, 0x3d, _, _, _, _, 0] ? Follow(place, file.BytesAt(place, sizeof(int))) + 1 : null;

    private static ulong Follow(ulong place, ReadOnlySpan<byte> displacement) =>
        unchecked(place + sizeof(int) + (ulong)BinaryPrimitives.ReadInt32LittleEndian(displacement));

    private sealed class DisplacementSearch(IReadOnlySet<ulong> targets) : ReferenceSearch
    {
        private readonly ulong _lowest = targets.Min(), _highest = targets.Max();

        public override void Find(ReadOnlySpan<byte> code, ulong address, ICollection<ulong> found)
        {
            List<ulong> places = [];
            X64References.Find(code, address, _lowest, _highest, places);
            foreach (ulong place in places)
            {
                // A displacement, with an immediate operand after it or without.
                ulong next = Follow(place, code[(int)(place - address)..]);
                bool refers = false;
                for (ulong immediate = 0; immediate <= X64References.MaxImmediate; immediate++)
                    refers |= targets.Contains(next + immediate);
                if (refers)
                    found.Add(place);
            }
        }
    }
}
