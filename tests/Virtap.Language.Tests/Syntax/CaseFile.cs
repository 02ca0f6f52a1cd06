namespace Virtap.Language.Tests.Syntax;

/// <summary>
/// A file of cases: lines with <c>></c> are a script, lines with <c>$</c> its arguments, lines with <c>=</c> what is expected; an empty
/// line ends a case.
/// </summary>
internal static class CaseFile
{
    /// <summary>The rows of a theory: script, arguments, expectation.</summary>
    public static TheoryData<string, string[], string> Read(string name)
    {
        var data = new TheoryData<string, string[], string>();
        List<string> script = [], arguments = [], expected = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Syntax", "Cases", name)).Append(""))
        {
            if (line.Length > 0)
            {
                var list = line[
                    0] switch { '>' => script, '$' => arguments, '=' => expected, '#' => null, _ => throw new FormatException(line) };
                list?.Add(line.Length > 2 ? line[2..] : "");
            }
            else if (script.Count > 0)
            {
                data.Add(string.Join('\n', script), [.. arguments], string.Join('\n', expected));
                script.Clear();
                arguments.Clear();
                expected.Clear();
            }
        }
        return data;
    }
}
