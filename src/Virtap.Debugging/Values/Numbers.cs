using System.Numerics;
using Virtap.Binaries.Types;

namespace Virtap.Debugging.Values;

/// <summary>Whole numbers of C's sizes.</summary>
internal static class Numbers
{
    /// <summary>The number that a value's bytes are.</summary>
    public static BigInteger Read(Value value) => new(
        value.Bytes, isUnsigned: value.Type.Number is not { IsSigned: true } || value.Size == 0);

    /// <summary>The number that bytes are, without a sign.</summary>
    public static BigInteger ReadUnsigned(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    /// <summary>What is left of a number in so many bytes.</summary>
    public static BigInteger Wrap(BigInteger value, int bytes, bool isSigned)
    {
        BigInteger all = BigInteger.One << (8 * bytes);
        value = ((value % all) + all) % all;
        return isSigned && value >= all >> 1 ? value - all : value;
    }

    /// <summary>A number as bytes of a type.</summary>
    public static byte[] Bytes(BigInteger value, int count)
    {
        byte[] bytes = new byte[count];
        Wrap(value, count, isSigned: false).TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    /// <summary>A value of a number.</summary>
    public static Value Make(CType type, BigInteger value) => Value.Of(type, Bytes(value, (int)(type.Size ?? 0)));
}
