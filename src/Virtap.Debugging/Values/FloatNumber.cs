using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Virtap.Debugging.Values;

/// <summary>
/// A floating-point number of any of C's sizes (IEEE 754 with 2, 4 and 8 bytes, the x87's with 10 of 12 or 16), exactly:
/// <c>mantissa * 2^exponent</c>.
/// </summary>
internal readonly record struct FloatNumber(bool IsNegative, BigInteger Mantissa, int Exponent, FloatKind Kind)
{
    private const int ExtendedBytes = 10;

    /// <summary>Reads one.</summary>
    public static FloatNumber Read(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        2 => Ieee(BinaryPrimitives.ReadUInt16LittleEndian(bytes), 10, 5),
        4 => Ieee(BinaryPrimitives.ReadUInt32LittleEndian(bytes), 23, 8),
        8 => Ieee(BinaryPrimitives.ReadUInt64LittleEndian(bytes), 52, 11),
        _ => Extended(bytes),
    };

    /// <summary>Decimal digits that tell any two numbers of a size apart: 9 for float, 17 for double.</summary>
    public static int DigitsOf(int bytes)
    {
        int bits = bytes switch { 2 => 11, 4 => 24, 8 => 53, _ => 64 };
        return (int)Math.Ceiling(1 + (bits * 0.30102999566398119521));
    }

    /// <summary>As C's <c>%.{digits}g</c> writes it; what is no number as gdb does.</summary>
    public string ToText(int digits) => Kind switch
    {
        FloatKind.Infinite => IsNegative ? "-inf" : "inf",
        FloatKind.NotANumber => string.Create(CultureInfo.InvariantCulture, $"{(IsNegative ? "-" : "")}nan(0x{Hex(Mantissa)})"),
        FloatKind.Invalid => "<invalid float value>",
        _ when Mantissa.IsZero => IsNegative ? "-0" : "0",
        _ => (IsNegative ? "-" : "") + Digits(digits),
    };

    /// <summary>The whole number that it is cut to.</summary>
    public BigInteger ToInteger()
    {
        if (Kind != FloatKind.Finite)
            return 0;
        BigInteger value = Exponent >= 0 ? Mantissa << Math.Min(Exponent, 20000) : Mantissa >> Math.Min(-Exponent, 20000);
        return IsNegative ? -value : value;
    }

    /// <summary>The nearest double.</summary>
    public double ToDouble() => Kind switch
    {
        FloatKind.Infinite => IsNegative ? double.NegativeInfinity : double.PositiveInfinity,
        FloatKind.NotANumber or FloatKind.Invalid => double.NaN,
        _ => double.Parse(ToText(25), NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static string Hex(BigInteger value)
    {
        string hex = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return hex.Length == 0 ? "0" : hex;
    }

    private static FloatNumber Ieee(ulong bits, int mantissaBits, int exponentBits)
    {
        ulong mantissa = bits & ((1ul << mantissaBits) - 1);
        int exponent = (int)(bits >> mantissaBits) & ((1 << exponentBits) - 1), bias = (1 << (exponentBits - 1)) - 1;
        bool isNegative = (bits >> (mantissaBits + exponentBits) & 1) != 0;
        if (exponent == (1 << exponentBits) - 1)
            return new FloatNumber(isNegative, mantissa, 0, mantissa == 0 ? FloatKind.Infinite : FloatKind.NotANumber);
        return exponent == 0
            ? new FloatNumber(isNegative, mantissa, 1 - bias - mantissaBits, FloatKind.Finite)
            : new FloatNumber(isNegative, mantissa | (1ul << mantissaBits), exponent - bias - mantissaBits, FloatKind.Finite);
    }

    private static FloatNumber Extended(ReadOnlySpan<byte> bytes)
    {
        const int bias = 16383, bitsBehindPoint = 63, allOnes = 0x7fff;
        if (bytes.Length < ExtendedBytes)
            return new FloatNumber(false, 0, 0, FloatKind.Invalid);
        ulong mantissa = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        int head = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]), exponent = head & allOnes;
        bool isNegative = (head & 0x8000) != 0;
        if (exponent == allOnes)
            return mantissa << 1 == 0 ? new FloatNumber(isNegative, 0, 0, FloatKind.Infinite)
                : new FloatNumber(isNegative, mantissa, 0, FloatKind.NotANumber);
        // The x87 refuses numbers that have an exponent and no leading one.
        if (exponent != 0 && mantissa >> 63 == 0)
            return new FloatNumber(isNegative, mantissa, 0, FloatKind.Invalid);
        return new FloatNumber(isNegative, mantissa, Math.Max(exponent, 1) - bias - bitsBehindPoint, FloatKind.Finite);
    }

    private string Digits(int count)
    {
        // value = numerator / denominator; find the power of ten of its first digit, then round to so many digits, halves to even.
        BigInteger numerator = Exponent >= 0 ? Mantissa << Exponent : Mantissa;
        BigInteger denominator = Exponent >= 0 ? 1 : BigInteger.One << -Exponent;
        int power = (int)Math.Floor(BigInteger.Log10(Mantissa) + (Exponent * 0.30102999566398119521));
        BigInteger digits;
        while (true)
        {
            int scale = count - 1 - power;
            BigInteger top = scale >= 0 ? numerator * BigInteger.Pow(10, scale) : numerator;
            BigInteger bottom = scale >= 0 ? denominator : denominator * BigInteger.Pow(10, -scale);
            digits = BigInteger.DivRem(top, bottom, out BigInteger rest);
            int half = (rest * 2).CompareTo(bottom);
            if (half > 0 || (half == 0 && !digits.IsEven))
                digits++;
            if (digits >= BigInteger.Pow(10, count))
                power++;
            else if (digits < BigInteger.Pow(10, count - 1))
                power--;
            else
                break;
        }

        string text = digits.ToString(CultureInfo.InvariantCulture).TrimEnd('0');
        var result = new StringBuilder();
        if (power < -4 || power >= count)
        {
            result.Append(text[0]);
            if (text.Length > 1)
                result.Append('.').Append(text, 1, text.Length - 1);
            return result.Append('e').Append(power < 0 ? '-' : '+').Append(Math.Abs(power).ToString("00", CultureInfo.InvariantCulture))
                .ToString();
        }

        if (power < 0)
            return result.Append("0.").Append('0', -power - 1).Append(text).ToString();
        if (text.Length <= power + 1)
            return result.Append(text).Append('0', power + 1 - text.Length).ToString();
        return result.Append(text, 0, power + 1).Append('.').Append(text, power + 1, text.Length - power - 1).ToString();
    }
}

/// <summary>What a floating-point number's bytes are.</summary>
internal enum FloatKind : byte
{
    Finite,
    Infinite,
    NotANumber,
    Invalid,
}
