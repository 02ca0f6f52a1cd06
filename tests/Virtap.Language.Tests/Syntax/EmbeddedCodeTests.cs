using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Language.Tests.Syntax;

public class EmbeddedCodeTests
{
    [Theory]
    [InlineData("%{ int x; %}")]
    [InlineData("function f() %{ return; %}")]
    [InlineData("probe begin { %{ x(); %} }")]
    [InlineData("probe begin { x = %{ 1 %} + %{ 2 %} }")]
    public void Embedded_code_is_for_those_who_ask_for_it(string text)
    {
        var diagnostics = new DiagnosticBag();
        Scripts.Parse(text, diagnostics, new LanguageEnvironment());
        Assert.NotEmpty(diagnostics.Diagnostics);
        Assert.EndsWith("code in unprivileged script; need stap -g", diagnostics.Diagnostics[0].Message, StringComparison.Ordinal);
        Scripts.Parse(text, new LanguageEnvironment { IsGuru = true });
    }
}
