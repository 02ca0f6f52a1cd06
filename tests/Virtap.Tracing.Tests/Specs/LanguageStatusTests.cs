using System.Text;
using System.Text.RegularExpressions;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>
/// <c>docs/language-status.md</c> says which parts of the language there are specs for; it is made of <c>tests/language/rows.txt</c> and
/// the specs. Where it is to change, <c>VIRTAP_UPDATE_GOLDEN=1 dotnet test</c> writes it anew.
/// </summary>
public partial class LanguageStatusTests
{
    private static string RowsPath => Path.Combine(SpecReader.Folder, "rows.txt");

    private static string StatusPath => Path.GetFullPath(Path.Combine(SpecReader.Folder, "..", "..", "docs", "language-status.md"));

    [Fact]
    public void The_page_says_what_the_specs_show()
    {
        string page = Page();
        if (Environment.GetEnvironmentVariable("VIRTAP_UPDATE_GOLDEN") == "1")
            File.WriteAllText(StatusPath, page);
        Assert.True(File.ReadAllText(StatusPath) == page, "docs/language-status.md is not what the specs show; write it anew with "
            + "VIRTAP_UPDATE_GOLDEN=1 dotnet test --project tests/Virtap.Tracing.Tests -- --filter-class '*LanguageStatusTests'");
    }

    private static string Page()
    {
        List<string> programs = [.. Spec.All.Where(spec => spec.Refusal is null).Select(spec => Comments().Replace(spec.Program, ""))];
        var text = new StringBuilder();
        int rows = 0, ticks = 0;
        foreach (string line in File.ReadLines(RowsPath))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                text.Append($"\n{line}\n\n| | |\n|---|---|\n");
            if (line.Split('\t') is not [var row, var pattern])
                continue;
            var use = new Regex(pattern, RegexOptions.Multiline);
            bool isShown = programs.Any(use.IsMatch);
            rows++;
            ticks += isShown ? 1 : 0;
            text.Append($"| {(isShown ? "✓" : " ")} | {row.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"figure: rows of the language: {rows}, of which specs show {ticks}");
        return """
            # The language, row by row

            What SystemTap's language has for user space. A tick says that behaviours of it are written down in `tests/language` and hold; what has
            none is not there yet, or is there without a proof. Made from the specs by a test.

            """ + text;
    }

    [GeneratedRegex(@"^\s*(#|//).*$", RegexOptions.Multiline)]
    private static partial Regex Comments();
}
