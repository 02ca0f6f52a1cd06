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
        Gen.Char['\x01', '\xff'].Array[0, 12].Select(c => new string(c)).Sample(value =>
        {
            string printed = ScriptPrinter.Print(new StringSyntax(default, value));
            Assert.Equal(value, Assert.IsType<StringSyntax>(Scripts.Expression(printed)).Value);
        });

    [Fact]
    public void Every_number_survives() =>
        Gen.Long.Sample(value =>
        {
            string printed = ScriptPrinter.Print(new NumberSyntax(default, value));
            Assert.Equal(value, Assert.IsType<NumberSyntax>(Scripts.Expression(printed)).Value);
        });
}
