using System.Globalization;
using System.Text;
using Virtap.Language.Tests.Binding;

namespace Virtap.Language.Tests.Library;

/// <summary>The tapset's floating point is that of the processor, to the last bit.</summary>
public class FloatingPointTests
{
    private const int Pairs = 60;

    /// <summary>Numbers in which something is special, and such as chance has it.</summary>
    private static double[] Numbers(int seed)
    {
        var random = new Random(seed);
        double[] special =
        [
            0, -0.0, 1, -1, 0.5, 2, 3, 10, 1e22, 1e308, -1e308, double.MaxValue, double.Epsilon, -double.Epsilon, 2.2250738585072014e-308,
            2.225073858507201e-308, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 4503599627370497, 9007199254740993, 0.1,
        ];
        double Any() => random.Next(6) switch
        {
            0 => special[random.Next(special.Length)],
            1 => random.NextInt64(-1000, 1000),
            2 => BitConverter.Int64BitsToDouble(random.NextInt64() & 0x000fffffffffffff),
            3 => Math.ScaleB(random.NextDouble() - 0.5, random.Next(-60, 60)),
            _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        };
        return [.. Enumerable.Range(0, Pairs * 2).Select(_ => Any())];
    }

    private static long Bits(double number) => BitConverter.DoubleToInt64Bits(number);

    private static string[] Run(string function, IEnumerable<string> arguments)
    {
        var script = new StringBuilder("probe begin {\n");
        foreach (string each in arguments)
            script.Append(CultureInfo.InvariantCulture, $"println({function}({each}))\n");
        return new BoundInterpreter(Script.Bind(script.Append('}').ToString())).Run().TrimEnd('\n').Split('\n');
    }

    private static void Compare(string function, Func<double, double, long> expected, int seed)
    {
        double[] numbers = Numbers(seed);
        (double A, double B)[] pairs = [.. numbers.Take(Pairs).Zip(numbers.Skip(Pairs))];
        string[] results = Run(function, pairs.Select(pair => $"{Bits(pair.A)}, {Bits(pair.B)}"));
        foreach (((double a, double b), string result) in pairs.Zip(results))
        {
            long bits = long.Parse(result, CultureInfo.InvariantCulture), wanted = expected(a, b);
            // Which of the many that are no numbers comes out is the processor's matter.
            bool agree = bits == wanted || (double.IsNaN(BitConverter.Int64BitsToDouble(bits))
                && double.IsNaN(BitConverter.Int64BitsToDouble(wanted)));
            Assert.True(agree, $"{function}({a:r}, {b:r}) = 0x{bits:x}, not 0x{wanted:x}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Arithmetic_is_exact(int seed)
    {
        Compare("fp_add", static (a, b) => Bits(a + b), seed);
        Compare("fp_sub", static (a, b) => Bits(a - b), seed);
        Compare("fp_mul", static (a, b) => Bits(a * b), seed);
        Compare("fp_div", static (a, b) => Bits(a / b), seed);
        Compare("fp_rem", static (a, b) => Bits(Math.IEEERemainder(a, b)), seed);
        Compare("fp_eq", static (a, b) => a == b ? 1 : 0, seed);
        Compare("fp_lt", static (a, b) => a < b ? 1 : 0, seed);
        Compare("fp_le", static (a, b) => a <= b ? 1 : 0, seed);
    }

    [Fact]
    public void Roots_are_exact()
    {
        double[] numbers = Numbers(3);
        string[] results = Run("fp_sqrt", numbers.Select(number => $"{Bits(number)}"));
        foreach ((double number, string result) in numbers.Zip(results))
        {
            double root = BitConverter.Int64BitsToDouble(long.Parse(result, CultureInfo.InvariantCulture));
            Assert.True(root.Equals(Math.Sqrt(number)), $"fp_sqrt({number:r}) = {root:r}, not {Math.Sqrt(number):r}");
        }
    }

    [Theory]
    [InlineData(2.5, 0, 2)]
    [InlineData(3.5, 0, 4)]
    [InlineData(-2.5, 0, -2)]
    [InlineData(2.5, 4, 3)]
    [InlineData(-2.5, 4, -3)]
    [InlineData(-2.9, 1, -2)]
    [InlineData(-2.1, 2, -3)]
    [InlineData(2.1, 3, 3)]
    [InlineData(2.1, 6, 3)]
    [InlineData(0.3, 0, 0)]
    [InlineData(1e-300, 3, 1)]
    [InlineData(1e18, 0, 1000000000000000000)]
    [InlineData(1e300, 0, long.MinValue)]
    [InlineData(double.NaN, 0, long.MinValue)]
    public void Whole_numbers_are_rounded_as_asked(double number, int mode, long whole) =>
        Assert.Equal([$"{whole}"], Run("fp_to_long", [$"{Bits(number)}, {mode}, 0"]));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(9007199254740993)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Numbers_become_the_nearest(long number) =>
        Assert.Equal([$"{Bits(number)}"], Run("long_to_fp", [$"{number}"]));

    [Theory]
    [InlineData(1.5f)]
    [InlineData(-0f)]
    [InlineData(1e-45f)]
    [InlineData(3.4e38f)]
    [InlineData(float.NegativeInfinity)]
    public void Short_ones_become_long(float number) =>
        Assert.Equal([$"{Bits(number)}"], Run("fp32_to_fp64", [$"{BitConverter.SingleToUInt32Bits(number)}"]));

    [Theory]
    [InlineData("3.14159", 3.14159)]
    [InlineData("-0.1", -0.1)]
    [InlineData("+42", 42)]
    [InlineData("100000000000000000000", 1e20)]
    [InlineData(".5", 0.5)]
    public void Text_becomes_a_number(string text, double number) =>
        Assert.Equal([$"{Bits(number)}"], Run("string_to_fp", [$"\"{text}\""]));

    [Theory]
    [InlineData(3.14159, 3, "3.142")]
    [InlineData(-0.5, 0, "-0")]
    [InlineData(1.5, 0, "2")]
    [InlineData(0.999, 2, "1.00")]
    [InlineData(0.1, 17, "0.10000000000000001")]
    [InlineData(1e-10, 4, "0.0000")]
    [InlineData(123456789012, 1, "123456789012.0")]
    [InlineData(double.NaN, 1, "nan")]
    [InlineData(double.NegativeInfinity, 1, "-inf")]
    public void A_number_becomes_text(double number, int precision, string text) =>
        Assert.Equal([text], Run("fp_to_string", [$"{Bits(number)}, {precision}"]));
}
