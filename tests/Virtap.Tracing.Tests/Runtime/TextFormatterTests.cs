using System.Text;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Tests.Runtime;

public class TextFormatterTests
{
    private const FormatConversion D = FormatConversion.Signed, U = FormatConversion.Unsigned, X = FormatConversion.Hexadecimal,
    UpperX = FormatConversion.UpperHexadecimal;
    private const FormatConversion O = FormatConversion.Octal, P = FormatConversion.Pointer, C = FormatConversion.Character,
    B = FormatConversion.Binary;
    private const FormatFlags Alternate = FormatFlags.Alternate, Zero = FormatFlags.ZeroPad, Left = FormatFlags.LeftJustify,
    Plus = FormatFlags.Plus, Space = FormatFlags.Space;
    private const FormatFlags None = FormatFlags.None;

    private static string Number(FormatConversion conversion, FormatFlags flags, long width, long precision, long value)
    {
        var text = new TextBuffer();
        TextBufferSink sink = text.AsSink();
        TextFormatter.Number(ref sink, new ConversionFormat(conversion, flags, width, precision), value);
        return Encoding.Latin1.GetString(text.Written);
    }

    private static string Text(FormatConversion conversion, FormatFlags flags, long width, long precision, string value)
    {
        var text = new TextBuffer();
        TextBufferSink sink = text.AsSink();
        TextFormatter.Text(ref sink, new ConversionFormat(conversion, flags, width, precision), Encoding.Latin1.GetBytes(value));
        return Encoding.Latin1.GetString(text.Written);
    }

    [Theory]
    [InlineData(D, None, 0, -1, 0, "0")]
    [InlineData(D, None, 0, -1, -42, "-42")]
    [InlineData(D, None, 0, -1, long.MinValue, "-9223372036854775808")]
    [InlineData(D, None, 6, -1, 42, "    42")]
    [InlineData(D, Left, 6, -1, 42, "42    ")]
    [InlineData(D, None, -6, -1, 42, "42    ")]
    [InlineData(D, Zero, 6, -1, -42, "-00042")]
    [InlineData(D, Zero | Left, 6, -1, 42, "42    ")]
    [InlineData(D, Plus, 0, -1, 42, "+42")]
    [InlineData(D, Space, 0, -1, 42, " 42")]
    [InlineData(D, Plus | Space, 0, -1, 42, "+42")]
    [InlineData(D, Plus, 0, -1, -42, "-42")]
    [InlineData(D, None, 5, 3, 7, "  007")]
    [InlineData(D, None, 5, 3, -7, " -007")]
    [InlineData(D, Left, 6, 3, 7, "007   ")]
    [InlineData(D, None, 2, -1, 12345, "12345")]
    [InlineData(U, None, 0, -1, -1, "18446744073709551615")]
    [InlineData(U, Plus, 0, -1, 5, "5")]
    [InlineData(X, None, 0, -1, 0xabcdL, "abcd")]
    [InlineData(X, Alternate, 0, -1, 0xabcdL, "0xabcd")]
    [InlineData(X, Alternate | Zero, 8, -1, 0xabL, "0x0000ab")]
    [InlineData(X, None, 0, -1, -1, "ffffffffffffffff")]
    [InlineData(UpperX, Alternate, 0, -1, 0xabcdL, "0XABCD")]
    [InlineData(O, None, 0, -1, 8, "10")]
    [InlineData(O, None, 0, -1, -1, "1777777777777777777777")]
    [InlineData(O, Alternate, 0, -1, 8, "010")]
    [InlineData(P, None, 0, -1, 0x1000, "0x1000")]
    [InlineData(P, None, 12, -1, 0x1000, "      0x1000")]
    [InlineData(P, Zero, 12, -1, 0x1000, "0x0000001000")]
    public void Numbers_are_written_as_in_C(
        FormatConversion conversion, FormatFlags flags, long width, long precision, long value, string expected) =>
        Assert.Equal(expected, Number(conversion, flags, width, precision, value));

    [Theory]
    [InlineData(D, Zero, 5, 3, 7, "00007")]
    [InlineData(D, None, 0, 0, 0, "0")]
    [InlineData(X, Alternate, 0, -1, 0, "0x0")]
    [InlineData(P, None, 0, -1, 0, "0x0")]
    [InlineData(O, Alternate, 0, -1, 0, "00")]
    [InlineData(O, Alternate, 0, 4, 8, "00010")]
    public void Where_SystemTap_differs_from_C_numbers_follow_SystemTap(
        FormatConversion conversion, FormatFlags flags, long width, long precision, long value, string expected) =>
        Assert.Equal(expected, Number(conversion, flags, width, precision, value));

    [Theory]
    [InlineData(None, 0, 'x', "x")]
    [InlineData(None, 3, 'x', "  x")]
    [InlineData(Left, 3, 'x', "x  ")]
    [InlineData(Zero, 3, 'x', "  x")]
    [InlineData(None, 0, 0, "\0")]
    [InlineData(None, 0, 0x141, "A")]
    [InlineData(Alternate, 0, '\n', "\\n")]
    [InlineData(Alternate, 0, '\'', "\\'")]
    [InlineData(Alternate, 0, '\\', "\\\\")]
    [InlineData(Alternate, 0, '"', "\"")]
    [InlineData(Alternate, 5, 0, " \\000")]
    [InlineData(Alternate, 0, 0xe9, "\\351")]
    [InlineData(Alternate, 0, 'x', "x")]
    public void Characters_are_padded_and_escaped_on_demand(FormatFlags flags, long width, long value, string expected) =>
        Assert.Equal(expected, Number(C, flags, width, -1, value));

    [Theory]
    [InlineData(0, -1, "\x08\x07\x06\x05\x04\x03\x02\x01")]
    [InlineData(4, -1, "\x08\x07\x06\x05")]
    [InlineData(0, 2, "\x08\x07")]
    [InlineData(4, 1, "\0\0\0\x08")]
    [InlineData(-4, 1, "\x08\0\0\0")]
    [InlineData(3, -1, "\x08\x07\x06\x05\x04\x03\x02\x01")]
    public void Binary_numbers_are_bytes_as_many_as_precision_or_width_say(long width, long precision, string expected) =>
        Assert.Equal(expected, Number(B, None, width, precision, 0x0102030405060708));

    [Theory]
    [InlineData(None, 0, -1, "text", "text")]
    [InlineData(None, 6, -1, "text", "  text")]
    [InlineData(Left, 6, -1, "text", "text  ")]
    [InlineData(None, -6, -1, "text", "text  ")]
    [InlineData(None, 0, 2, "text", "te")]
    [InlineData(None, 4, 2, "text", "  te")]
    [InlineData(None, 0, 0, "text", "")]
    [InlineData(None, 2, 9, "text", "text")]
    [InlineData(Alternate, 0, -1, "a\"b", "a\"b")]
    [InlineData(Zero, 0, -1, "text", "text\0")]
    public void Text_is_cut_by_precision_and_padded_by_width(
        FormatFlags flags, long width, long precision, string value, string expected) =>
        Assert.Equal(expected, Text(FormatConversion.String, flags, width, precision, value));

    [Theory]
    [InlineData(FormatConversion.Memory, None, 0, "\x01\xfeZ")]
    [InlineData(FormatConversion.Memory, None, 5, "  \x01\xfeZ")]
    [InlineData(FormatConversion.MemoryHexadecimal, None, 0, "01fe5a")]
    [InlineData(FormatConversion.MemoryHexadecimal, None, 8, "  01fe5a")]
    [InlineData(FormatConversion.MemoryHexadecimal, Left, 8, "01fe5a  ")]
    public void Memory_is_dumped_raw_or_in_hexadecimal(FormatConversion conversion, FormatFlags flags, long width, string expected) =>
        Assert.Equal(expected, Text(conversion, flags, width, 3, "\x01\xfeZ"));

    [Fact]
    public void A_width_without_bounds_is_bounded() =>
        Assert.Equal(
            (ConversionFormat.Max, ConversionFormat.Max),
            (Number(D, None, long.MaxValue, -1, 1).Length, Number(D, None, long.MinValue, long.MaxValue, 1).Length));
}
