using CsCheck;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Syntax;

public class RoundTripTests
{
    [Fact]
    public void Whatever_tree_is_printed_parses_to_the_same_tree() =>
        RandomTrees.Script.Sample(
            script =>
            {
                string printed = ScriptPrinter.Print(script);
                var again = Scripts.Parse(printed);
                return TreeText.Of(again) == TreeText.Of(script) && ScriptPrinter.Print(again) == printed;
            },
            print: ScriptPrinter.Print,
            iter: 1000);

    [Fact]
    public void Every_string_survives() =>
        Gen.Byte[1, 255].Array[0, 12].Sample(bytes =>
        {
            string value = ByteText.FromBytes(bytes);
            Assert.Equal(bytes, ByteText.GetBytes(value));
            Assert.Equal(bytes.Length, ByteText.GetByteCount(value));
            string printed = ScriptPrinter.Print(new StringSyntax(default, value));
            Assert.Equal(value, Assert.IsType<StringSyntax>(Scripts.Expression(printed)).Value);
        });

    [Theory]
    [InlineData("\"\u00e9\"", new byte[] { 0xc3, 0xa9 })]
    [InlineData("\"\\xc3\\xa9\"", new byte[] { 0xc3, 0xa9 })]
    [InlineData("\"\\xc3\" \"\\xa9\"", new byte[] { 0xc3, 0xa9 })]
    [InlineData("\"\\xff\" \"\\1011\"", new byte[] { 0xff, 0x41, 0x31 })]
    [InlineData("\"\ud83d\ude00\"", new byte[] { 0xf0, 0x9f, 0x98, 0x80 })]
    [InlineData("\"\\7\\x4g\\q\\\"\"", new byte[] { 7, 4, 0x67, 0x71, 0x22 })]
    public void A_string_is_the_bytes_that_C_makes_of_it(string literal, byte[] bytes)
    {
        string value = Assert.IsType<StringSyntax>(Scripts.Expression(literal)).Value;
        Assert.Equal(bytes, ByteText.GetBytes(value));
        Assert.Equal(ByteText.FromBytes(bytes), value);
    }

    [Fact]
    public void Every_number_survives() =>
        Gen.Long.Sample(value =>
        {
            string printed = ScriptPrinter.Print(new NumberSyntax(default, value));
            Assert.Equal(value, Assert.IsType<NumberSyntax>(Scripts.Expression(printed)).Value);
        });
}
