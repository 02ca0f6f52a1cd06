using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Language.Tests.Syntax;

public class MacroTests
{
    [Fact]
    public void A_librarys_macros_are_there_in_every_script()
    {
        var environment = WithMacros("""
            @define twice(x) %( ((@x) * 2) %)
            @define answer %( 42 %)
            """);
        Assert.Equal("(x) = ((42) * (2));\n", ScriptPrinter.Print(Scripts.Statements("x = @twice(@answer)", environment)[0]));
    }

    [Fact]
    public void A_files_own_macro_hides_the_librarys()
    {
        var script = Scripts.Parse("@define m %( 2 %) global x = @m", WithMacros("@define m %( 1 %)"));
        Assert.Equal("global x = 2\n", ScriptPrinter.Print(script));
    }

    [Fact]
    public void A_macro_is_local_to_its_file()
    {
        Scripts.Parse("@define m %( 2 %)");
        Assert.StartsWith("1:12: expected literal string or number", Scripts.Mistakes("global x = @m"), StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_in_a_library_choose_between_definitions()
    {
        var environment = WithMacros("""
            %( arch == "i386" %?
                @define word %( 4 %)
            %:
                @define word %( %( guru_mode == 1 %? 8 %: 0 %) %)
            %)
            """);
        Assert.Equal("global x = 8\n", ScriptPrinter.Print(Scripts.Parse("global x = @word", environment)));
    }

    [Theory]
    [InlineData("@define m %( 1 %) @define m %( 2 %)", "multiple definitions of library macro '@m'")]
    [InlineData("probe begin { }", "unexpected token in tapset macro file (only @define is allowed)")]
    [InlineData("@define m", "expected '%(' or '('")]
    [InlineData("@define m %( 1", "incomplete macro definition - missing '%)'")]
    [InlineData("%( 1 == 1 %? @define m %( 1 %)", "incomplete conditional at end of file")]
    public void Mistakes_in_a_library_are_told(string text, string message)
    {
        var diagnostics = new DiagnosticBag();
        new MacroLibrary().Add(new SourceText("x.stpm", text), Scripts.Environment, diagnostics);
        Assert.Equal(message, Assert.Single(diagnostics.Diagnostics).Message);
    }

    [Fact]
    public void A_mistake_in_a_librarys_macro_is_placed_there_and_says_who_called()
    {
        var diagnostics = new DiagnosticBag();
        Scripts.Parse("global x = @bad", diagnostics, WithMacros("@define bad %( + %)"));
        Assert.Equal(
            """
            parse error: expected literal string or number
                    saw: operator '+' at lib.stpm:1:16
                 source: @define bad %( + %)
                                        ^
            	in expansion of macro: operator '@bad' at <input>:1:12
                 source: global x = @bad
                                    ^

            """,
            new DiagnosticRenderer().Render(diagnostics.Diagnostics[0]));
    }

    [Fact]
    public void A_macro_that_doubles_itself_without_end_is_stopped()
    {
        var text = new System.Text.StringBuilder("@define m0 %( x; %)\n");
        for (int i = 1; i < 60; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"@define m{i} %( @m{i - 1} @m{i - 1} %)\n");
        text.Append("probe begin { @m59 }");
        Assert.Contains("macros expand to more than 250000 tokens", Scripts.Mistakes(text.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_within_arguments_without_end_are_stopped()
    {
        string text = "@define m(x) %( @x %) probe begin { y = " + string.Concat(Enumerable.Repeat("@m(", 50_000));
        Assert.Contains("macros nested more than 100 deep", Scripts.Mistakes(text), StringComparison.Ordinal);
    }

    private static LanguageEnvironment WithMacros(string text)
    {
        var diagnostics = new DiagnosticBag();
        var library = new MacroLibrary();
        library.Add(new SourceText("lib.stpm", text), Scripts.Environment, diagnostics);
        Assert.False(diagnostics.HasErrors);
        return Scripts.Environment with { Macros = library };
    }

    [Fact]
    public void Installed_macros_are_read_when_one_is_used_that_nobody_else_has()
    {
        int reads = 0;
        var macros = new MacroLibrary
        {
            ReadInstalled = () =>
            {
                reads++;
                var installed = new MacroLibrary();
                installed.Add(new SourceText("x.stpm", "@define theirs %( 7 %)"), Scripts.Environment, new DiagnosticBag());
                return installed;
            },
        };
        Assert.Empty(Errors("@count(s)"));
        Assert.Equal(0, reads);
        Assert.Empty(Errors("@theirs + @theirs"));
        Assert.Equal("unknown operator @nosuch", Assert.Single(Errors("@nosuch")));
        Assert.Equal(1, reads);

        IEnumerable<string> Errors(string expression)
        {
            var diagnostics = new DiagnosticBag();
            var source = new SourceText("spec", $"global s probe begin {{ println({expression}) }}");
            ScriptParser.Parse(source, Scripts.Environment with { Macros = macros }, diagnostics);
            return diagnostics.Diagnostics.Select(static each => each.Message);
        }
    }

    [Fact]
    public void Every_name_of_an_operator_is_one_for_the_parser()
    {
        foreach (string name in AtOperatorNames.All)
        {
            var diagnostics = new DiagnosticBag();
            ScriptParser.Parse(new SourceText("spec", $"probe begin {{ println(@{name}) }}"), Scripts.Environment, diagnostics);
            Assert.DoesNotContain($"unknown operator @{name}", diagnostics.Diagnostics.Select(static each => each.Message));
        }
    }
}
