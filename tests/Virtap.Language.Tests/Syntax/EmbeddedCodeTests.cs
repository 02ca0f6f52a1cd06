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
        var script = Scripts.Parse(text, diagnostics, new LanguageEnvironment());
        Assert.All(diagnostics.Diagnostics, d => Assert.Equal("embedded code in unprivileged script; need stap -g", d.Message));
        Assert.Equal(text.Split("%{").Length - 1, diagnostics.ErrorCount);
        Assert.Single(script.Declarations);
        Scripts.Parse(text, new LanguageEnvironment { IsGuru = true });
    }
}
