namespace Virtap.Language.Tests.Syntax;

/// <summary>However deep a script nests, it is refused in words before the stack ends.</summary>
public class NestingTests
{
    private const int Many = 50_000;

    [Theory]
    [InlineData("(", "1")]
    [InlineData("- ", "1")]
    [InlineData("a[", "1")]
    [InlineData("f(", "1")]
    [InlineData("a ? b : ", "1")]
    [InlineData("a = ", "1")]
    [InlineData("$x[", "1")]
    [InlineData("@defined(", "1")]
    [InlineData("@cast(", "1")]
    [InlineData("@count(", "1")]
    [InlineData("[", "1")]
    [InlineData("p->f[", "1")]
    [InlineData("{", "")]
    [InlineData("if (x) ", ";")]
    [InlineData("if (x) ; else ", ";")]
    [InlineData("while (x) ", ";")]
    [InlineData("foreach (a in b) ", ";")]
    [InlineData("try {", "")]
    [InlineData("a + ", "1")]
    [InlineData("a->b ", "")]
    [InlineData("%( 1 == 1 %? ", "1")]
    public void Deep_statements_are_refused(string repeated, string end) =>
        Assert.NotEqual("", Scripts.Mistakes("probe begin { " + string.Concat(Enumerable.Repeat(repeated, Many)) + end));

    [Fact]
    public void Deep_braces_in_a_probe_point_are_refused() =>
        Assert.Contains("nested more than", Scripts.Mistakes("probe " + new string('{', Many)), StringComparison.Ordinal);

    [Fact]
    public void Braces_that_multiply_without_end_are_refused() =>
        Assert.Contains(
            "braces make more than 4096 probe points",
            Scripts.Mistakes("probe a" + string.Concat(Enumerable.Repeat(".{b,c}", 64)) + " { }"),
            StringComparison.Ordinal);

    [Fact]
    public void An_argument_that_is_put_in_without_end_is_refused() =>
        Assert.Contains(
            "more than 1000000 tokens",
            Scripts.Mistakes(
                $"probe begin {{ {string.Concat(Enumerable.Repeat("$1 ", 2000))} }}",
                Scripts.Environment with { Arguments = [string.Concat(Enumerable.Repeat("x;", 1000))] }),
            StringComparison.Ordinal);

    [Fact]
    public void Ordinary_depth_is_taken()
    {
        Scripts.Parse($"probe begin {{ x = {new string('(', 250)}1{new string(')', 250)} }}");
        Scripts.Parse($"probe begin {{ x = 1{string.Concat(Enumerable.Repeat(" + 1", 900))} }}");
        Scripts.Parse($"probe begin {{ {string.Concat(Enumerable.Repeat("if (x) y; else ", 900))} z }}");
        Scripts.Parse($"probe begin {{ {string.Concat(Enumerable.Repeat("x = 1;\n", 20_000))} }}");
    }

    [Fact]
    public void Rows_within_rows_count_together()
    {
        // Each operand at the left of a row of operators is a row in parentheses itself.
        string text = "1";
        for (int i = 0; i < 200; i++)
            text = $"({text}{string.Concat(Enumerable.Repeat(" + 1", 100))})";
        Assert.Contains("operators deep", Scripts.Mistakes($"probe begin {{ x = {text} }}"), StringComparison.Ordinal);
        text = "x;";
        for (int i = 0; i < 200; i++)
            text = $"{string.Concat(Enumerable.Repeat("if (x) y; else ", 100))} {{ {text} }}";
        Assert.NotEqual("", Scripts.Mistakes($"probe begin {{ {text} }}"));
    }
}
