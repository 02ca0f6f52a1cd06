using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// How a number is to be written, in one 64-bit word: bits 0-7 the radix, 8 signed, 9 upper case, 10 alternate form, 11 zeros, 12 plus,
/// 13 blank, 32-47 the width (signed; negative is left-justified), 48-63 the precision (signed; negative is none).
/// </summary>
internal static class NumberFormat
{
    public const int SignedBit = 1 << 8;
    public const int UpperBit = 1 << 9;
    public const int AlternateBit = 1 << 10;
    public const int ZeroBit = 1 << 11;
    public const int PlusBit = 1 << 12;
    public const int SpaceBit = 1 << 13;

    public static long Pack(int radix, FormatFlags flags, bool isSigned, bool isUpper, long width, long precision)
    {
        if (flags.HasFlag(FormatFlags.LeftJustify))
            width = -Math.Abs(width);
        int low = (byte)radix;
        low |= isSigned ? SignedBit : 0;
        low |= isUpper ? UpperBit : 0;
        low |= flags.HasFlag(FormatFlags.Alternate) ? AlternateBit : 0;
        low |= flags.HasFlag(FormatFlags.ZeroPad) ? ZeroBit : 0;
        low |= flags.HasFlag(FormatFlags.Plus) ? PlusBit : 0;
        low |= flags.HasFlag(FormatFlags.Space) ? SpaceBit : 0;
        long word = low;
        word |= (long)(ushort)(short)Math.Clamp(width, short.MinValue, short.MaxValue) << 32;
        word |= (long)(ushort)(short)Math.Clamp(precision, short.MinValue, short.MaxValue) << 48;
        return word;
    }
}
