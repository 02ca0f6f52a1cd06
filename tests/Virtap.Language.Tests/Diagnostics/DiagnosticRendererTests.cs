using Virtap.Language.Diagnostics;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Tests.Syntax;

namespace Virtap.Language.Tests.Diagnostics;

public class DiagnosticRendererTests
{
    [Fact]
    public void A_parse_error_shows_what_was_seen_the_line_and_a_caret() => Assert.Equal(
        """
        parse error: expected literal string or number
                saw: operator '}' at <input>:1:19
             source: probe begin { x = }
                                       ^

        1 parse error.

        """,
        Render("probe begin { x = }"));

    [Fact]
    public void Tabs_keep_the_caret_under_its_character() => Assert.Equal(
        """
        parse error: expected literal string or number
                saw: operator '}' at <input>:2:6
             source: 	x =	}
                     	   	^

        1 parse error.

        """,
        Render("probe begin {\n\tx =\t}\n"));

    [Fact]
    public void The_end_of_a_file_has_no_line() => Assert.Equal(
        """
        parse error: expected statement
                saw: <input> EOF
               hint: a '}' is missing

        1 parse error.

        """,
        Render("probe begin { x = 1"));

    [Fact]
    public void Several_errors_are_counted() =>
        Assert.EndsWith("\n\n2 parse errors.\n", Render("probe a { x = } probe b { y ( }"), StringComparison.Ordinal);

    [Fact]
    public void A_mistake_in_an_argument_is_shown_where_the_argument_goes()
    {
        var diagnostics = new DiagnosticBag();
        Scripts.Parse("probe begin { x = $1 }", diagnostics, Scripts.Environment with { Arguments = ["3 +"] });
        Assert.Equal(
            """
            parse error: expected literal string or number
                    saw: operator '}' at <input>:1:22
                 source: probe begin { x = $1 }
                                              ^

            """,
            new DiagnosticRenderer().Render(diagnostics.Diagnostics[0]));
    }

    [Fact]
    public void A_semantic_error_says_which_token_is_meant()
    {
        var source = new SourceText("t.stp", "probe begin {\n\tfoo(1)\n}\n");
        var diagnostics = new DiagnosticBag();
        diagnostics.Semantic(
            "unresolved function foo", Token(source, source.Text.IndexOf("foo", StringComparison.Ordinal)),
            "did you mean 'log'?");
        Assert.Equal(
            """
            semantic error: unresolved function foo: identifier 'foo' at t.stp:2:2
                    source: 	foo(1)
                            	^
                   hint: did you mean 'log'?


            """,
            new DiagnosticRenderer().Render(diagnostics));
    }

    [Fact]
    public void Related_places_follow_in_the_same_form()
    {
        var source = new SourceText("t.stp", "probe begin { x = 1; x = \"a\" }");
        var error = new Diagnostic(
            DiagnosticKind.Semantic,
            "type mismatch (long)",
            Token(source, 25),
            Related: [("type was first inferred here (long)", Token(source, 18))]);
        Assert.Equal(
            """
            semantic error: type mismatch (long): string 'a' at t.stp:1:26
                    source: probe begin { x = 1; x = "a" }
                                                     ^

            semantic error: type was first inferred here (long): number '1' at :1:19
                    source: probe begin { x = 1; x = "a" }
                                              ^

            """,
            new DiagnosticRenderer().Render(error));
    }

    [Theory]
    [InlineData("", "Input file '<input>' is empty.\n")]
    [InlineData(" # nothing\n", "Input file '<input>' is empty.\n")]
    [InlineData("%( 1 == 2 %? probe begin { } %)", "Input file '<input>' is empty after preprocessing.\n")]
    public void An_empty_script_is_an_error_of_its_own(string text, string expected)
    {
        var diagnostics = new DiagnosticBag();
        Scripts.Parse(text, diagnostics, new LanguageEnvironment());
        Assert.Equal(expected, new DiagnosticRenderer().Render(diagnostics));
    }

    [Fact]
    public void A_warning_with_a_place_shows_it_as_stap_does()
    {
        var source = new SourceText("t.stp", "probe begin { x = 1 }");
        Assert.Equal(
            """
            WARNING: Eliding assignment to 'x': operator '=' at t.stp:1:17
             source: probe begin { x = 1 }
                                     ^

            """,
            new DiagnosticRenderer()
                .Render(new Diagnostic(DiagnosticKind.Warning, "Eliding assignment to 'x'", Token(source, 16))));
    }

    [Fact]
    public void A_warning_without_a_place_is_a_line() =>
        Assert.Equal(
            "WARNING: never assigned\n", new DiagnosticRenderer().Render(new Diagnostic(DiagnosticKind.Warning, "never assigned", null)));

    [Fact]
    public void Colours_are_SystemTaps()
    {
        var diagnostics = new DiagnosticBag();
        Scripts.Parse("probe begin { x = }", diagnostics);
        Assert.Equal(
            "\e[01;31m\e[Kparse error:\e[m\e[K expected literal string or number\n"
            + "        saw: operator '}' at \e[00;34m\e[K<input>:1:19\e[m\e[K\n"
            + "     source: probe begin { x = \e[01m\e[K}\e[m\e[K\n"
            + "                               \e[01m\e[K^\e[m\e[K\n",
            new DiagnosticRenderer(isColored: true).Render(diagnostics.Diagnostics[0]));
    }

    [Fact]
    public void A_pass_fails_in_SystemTaps_words()
    {
        Assert.Equal("Pass 1: parse failed.  [man error::pass1]", DiagnosticRenderer.PassFailed(1));
        Assert.Equal("Pass 2: analysis failed.  [man error::pass2]", DiagnosticRenderer.PassFailed(2));
    }

    private static SourceSpan Token(SourceText source, int start) => new Lexer(source, null, start).Next().Span;

    private static string Render(string text)
    {
        var diagnostics = new DiagnosticBag();
        Scripts.Parse(text, diagnostics);
        return new DiagnosticRenderer().Render(diagnostics);
    }
}
