using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Tests.Binding;

public class GlobalTests
{
    private static GlobalSymbol Global(string script, BindOptions? options = null) =>
        Assert.Single(Script.Bind(script, options: options).Globals, static global => global.Name == "g");

    private static BindOptions Values(string name, string value) =>
        new() { GlobalValues = new Dictionary<string, string> { [name] = value } };

    [Theory]
    [InlineData("global g = 5 probe begin { println(g) }", "7", 7L)]
    [InlineData("global g = 5 probe begin { println(g) }", "-7", -7L)]
    [InlineData("global g = 5 probe begin { println(g) }", "0xff", 255L)]
    [InlineData("global g = 5 probe begin { println(g) }", "18446744073709551615", -1L)]
    [InlineData("global g probe begin { println(g + 1) }", "7", 7L)]
    [InlineData("global g = \"x\" probe begin { println(g) }", "7", "7")]
    [InlineData("global g probe begin { println(g . \"\") }", "disk0", "disk0")]
    [InlineData("global g probe begin { println(g . \"\") }", "\u00e9", "\u00e9")]
    public void A_value_from_the_command_line_takes_the_place_of_the_first_one(string script, string value, object expected) =>
        Assert.Equal(expected, Global(script, Values("g", value)).InitialValue);

    [Theory]
    [InlineData("global g = 5 probe begin { println(g) }", "g", "x", "1:8 -G g=x: 'g' is a number")]
    [InlineData("global g probe begin { println(g + 1) }", "g", "x", "1:8 -G g=x: 'g' is a number")]
    [InlineData("global g probe begin { g[1] = 2 }", "g", "1", "1:8 -G g=1: 'g' is an array")]
    [InlineData("global g probe begin { g <<< 2 }", "g", "1", "1:8 -G g=1: 'g' is an aggregate")]
    [InlineData("global g probe begin { g = 2 }", "h", "1", "-G h=1: there is no global 'h'")]
    public void A_value_that_does_not_fit_is_refused(string script, string name, string value, string message) =>
        Assert.Contains(message, Script.Messages(script, options: Values(name, value)));

    [Fact]
    public void A_value_from_the_command_line_counts_as_assigned() =>
        Assert.Empty(Script.Messages("global g probe begin { println(g + 1) }", options: Values("g", "1")));

    [Theory]
    [InlineData("g = 1", false, true)]
    [InlineData("g++", false, true)]
    [InlineData("g += 2", false, true)]
    [InlineData("x = g++; println(x)", true, true)]
    [InlineData("println(g += 2)", true, true)]
    [InlineData("println(g = 2)", false, true)]
    [InlineData("g = 1; println(g)", true, true)]
    [InlineData("g[1] = 2", false, true)]
    [InlineData("g[1]++", false, true)]
    [InlineData("g[1] = 2; if (1 in g) exit()", true, true)]
    [InlineData("g[1] = 2; foreach (k in g) println(k)", true, true)]
    [InlineData("g[1] = 2; delete g[1]", false, true)]
    [InlineData("g <<< 3", false, true)]
    [InlineData("g <<< 3; println(@sum(g))", true, true)]
    [InlineData("g <<< 3; print(@hist_log(g))", true, true)]
    [InlineData("try { error(\"x\") } catch (g) { }", false, true)]
    public void What_is_written_and_never_read_is_known(string statements, bool isRead, bool isWritten)
    {
        GlobalSymbol global = Global($"global g probe begin {{ {statements} }}");
        Assert.Equal((isRead, isWritten), (global.IsRead, global.IsWritten));
    }

    [Fact]
    public void What_nothing_uses_is_dropped() =>
        Assert.Equal(
            ["used"],
            Script.Bind("global used, unused probe begin { used = 1 } function f() { unused = 2 }").Globals.Select(
                static global => global.Name));

    [Fact]
    public void Declarations_say_sizes_and_wrapping()
    {
        GlobalSymbol global = Global("global g%[17] probe begin { g[1, \"a\"] = \"x\" }");
        Assert.Equal((17L, true, ScriptType.String), (global.Size, global.Wraps, global.Type));
        Assert.Equal([ScriptType.Long, ScriptType.String], global.KeyTypes!);
    }

    [Fact]
    public void Histograms_and_shifts_of_variance_are_facts_of_the_aggregate()
    {
        GlobalSymbol global = Global("global g probe begin { g <<< 1; print(@hist_linear(g, 0, 100, 10)); println(@variance(g, 4)) }");
        Assert.Equal((new HistogramShape(0, 100, 10), 4L), (global.Histogram, global.VarianceShift));
    }
}
