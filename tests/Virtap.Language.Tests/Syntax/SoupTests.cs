using CsCheck;
using Virtap.Language.Diagnostics;

namespace Virtap.Language.Tests.Syntax;

/// <summary>Anything may be a script; the parser takes it or says what is wrong, and comes to an end.</summary>
public class SoupTests
{
    private static readonly string[] s_tokens =
    [
        "probe", "global", "private", "function", "if", "else", "for", "foreach", "in", "limit", "return", "delete", "while", "break",
        "continue", "next",
        "string", "long", "try", "catch", "(", ")", "[", "]", "{", "}", ",", ";", ":", "?", "!", ".", "->", "+", "-", "*", "/", "%", "&",
        "|", "^", "~", "<", ">",
        "==", "=~", "!~", "&&", "||", "<<", "<<<", ">>>", "++", "--", "=", "+=", ".=", "a", "b", "begin", "$x", "$$vars", "$x$", "$", "@",
        "@count", "@hist_log",
        "@cast", "@var", "@defined", "@entry", "@nothing", "@define", "@m", "%(", "%?", "%:", "%)", "%{", "%}", "$1", "@1", "$#", "@#",
        "$9", "1", "0x", "08", "\"s\"",
        "\"", "\\", "/*", "*/", "//", "#", "\n", "print", "printf", "printd", "kernel_v", "arch", "CONFIG_X", "1 == 1",
        "process(\"x\").mark(\"y\")", "\u00e9", "\0",
    ];

    private static readonly Gen<string> s_soup = Gen.OneOf(s_tokens).Array[0, 60].Select(tokens => string.Join(' ', tokens));

    [Fact]
    public void Any_sequence_of_tokens_is_taken_or_refused() => s_soup.Sample(Check, iter: 5_000);

    [Fact]
    public void Any_tokens_within_a_handler_are_taken_or_refused() =>
        s_soup.Sample(soup => Check($"probe begin {{ {soup} }} probe end {{ }}"), iter: 5_000);

    [Fact]
    public void Any_characters_are_taken_or_refused() => Gen.String.Sample(Check, iter: 5_000);

    [Fact]
    public void Half_a_script_is_refused_in_words()
    {
        const string text =
            "global a[3] function f:long(x:string) { foreach ([k+, v] in a limit 3) { if (k) print(@count(a[k])) } } probe "
                + "process(\"x\").mark(\"y\")! if (a) { $x->y[1]$ = \"z\" }";
        for (int length = 0; length < text.Length; length++)
            Check(text[..length]);
    }

    private static void Check(string text)
    {
        var diagnostics = new DiagnosticBag();
        var script = Scripts.Parse(text, diagnostics, Scripts.Environment with { Arguments = ["3 + x", "a\"b"] });
        new DiagnosticRenderer(isColored: true).Render(diagnostics);
        if (!diagnostics.HasErrors)
            Scripts.AssertRoundTrip(script);
    }
}
