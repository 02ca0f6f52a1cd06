using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;

namespace Virtap.Debugging.Printing;

/// <summary>The column of <c>ptype /o</c> that says where members lie, and where nothing lies between them.</summary>
/// <param name="start">Bits from the outermost structure's start to this one's.</param>
internal sealed class LayoutColumn(long start)
{
    /// <summary>Characters of the column.</summary>
    public const int Width = 27;

    private const int BitsOfByte = 8;

    private long _end;

    /// <summary>The column of a member that is a structure.</summary>
    public LayoutColumn Within(StructureMember member) => new(start + member.BitOffset);

    /// <summary>Writes where a member lies.</summary>
    public void Write(StringBuilder text, StructureType structure, StructureMember member)
    {
        long bytes = member.Type.Size ?? 0;
        bool isPartial = structure.Definition is { IsPartial: true };
        if (structure.IsUnion)
        {
            text.Append(CultureInfo.InvariantCulture, $"/*                {bytes,6} */");
            return;
        }

        WriteHole(text, member.BitOffset, isPartial ? "unknown" : "hole");
        long bits = bytes * BitsOfByte, offset = start + member.BitOffset;
        if (member.BitSize is int size)
        {
            bits = size;
            text.Append(CultureInfo.InvariantCulture, $"/* {offset / BitsOfByte,6}:{offset % BitsOfByte,2}");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"/* {offset / BitsOfByte,6}   ");
        }

        bool isUnknown = isPartial && member.Type.Size is null;
        text.Append(CultureInfo.InvariantCulture, $"   |  {(isUnknown ? "?" : bytes),6} */");
        _end = isUnknown ? 0 : member.BitOffset + bits;
    }

    /// <summary>Writes what is left at the end, and the size.</summary>
    public void Finish(StringBuilder text, long bytes, int level, bool isPartial)
    {
        WriteHole(text, bytes * BitsOfByte, isPartial ? "unknown" : "padding");
        text.Append('\n').Append(' ', Width + level + 4).Append(CultureInfo.InvariantCulture, $"/* total size (bytes): {bytes,4} */\n");
    }

    private void WriteHole(StringBuilder text, long next, string what)
    {
        if (_end == 0 || _end >= next)
            return;
        long hole = next - _end;
        if (hole % BitsOfByte > 0)
            text.Append(CultureInfo.InvariantCulture, $"/* XXX {hole % BitsOfByte,2}-bit {what,-7}    */\n");
        if (hole / BitsOfByte > 0)
            text.Append(CultureInfo.InvariantCulture, $"/* XXX {hole / BitsOfByte,2}-byte {what,-7}   */\n");
    }
}
