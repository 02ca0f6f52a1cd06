using Virtap.Language.Syntax;

namespace Virtap.Language.Tests.Syntax;

/// <summary>The case files. What they expect is what stap 4.8 says, and hints.</summary>
public class CaseTests
{
    public static TheoryData<string, string[], string> Statements => CaseFile.Read("statements.txt");

    public static TheoryData<string, string[], string> Declarations => CaseFile.Read("declarations.txt");

    public static TheoryData<string, string[], string> Preprocessing => CaseFile.Read("preprocessing.txt");

    public static TheoryData<string, string[], string> Errors => CaseFile.Read("errors.txt");

    [Theory]
    [MemberData(nameof(Statements))]
    public void Statements_print_with_their_structure_in_parentheses(string text, string[] arguments, string expected)
    {
        Assert.Empty(arguments);
        Assert.Equal(expected, string.Concat(Scripts.Statements(text).Select(ScriptPrinter.Print)).TrimEnd('\n'));
        Scripts.AssertRoundTrip(Scripts.Parse($"function f() {{ {text}\n }}"));
    }

    [Theory]
    [MemberData(nameof(Declarations))]
    [MemberData(nameof(Preprocessing))]
    public void Scripts_print_as_expected(string text, string[] arguments, string expected)
    {
        var script = Scripts.Parse(text, Scripts.Environment with { Arguments = arguments });
        Assert.Equal(expected, ScriptPrinter.Print(script).TrimEnd('\n'));
        Scripts.AssertRoundTrip(script);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Mistakes_are_told_at_their_place_in_known_words(string text, string[] arguments, string expected) =>
        Assert.Equal(expected, Scripts.Mistakes(text, Scripts.Environment with { Arguments = arguments }));
}
