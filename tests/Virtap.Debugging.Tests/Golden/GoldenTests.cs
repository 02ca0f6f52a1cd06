using System.Diagnostics;
using System.Text;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Targets;
using Virtap.Processes;

namespace Virtap.Debugging.Tests.Golden;

/// <summary>The same questions to gdb and to Virtap, about the same process: the same text.</summary>
public sealed class GoldenTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("gcc", "-O0 -gdwarf-5")]
    public void A_process_is_printed_as_gdb_prints_it(string compiler, string options)
    {
        using var subject = Subject.Start(compiler, "subject.c", options);
        IReadOnlyList<string> questions = Questions.Read("expressions.txt");
        IReadOnlyList<string> expected = GdbRun.Ask(questions, "-p", $"{subject.Process.Id}");
        using DebugTarget target = DebugTarget.Of(LiveProcess.Get(subject.Process.Id), new DebugFileSearch { Roots = [] });
        IReadOnlyList<string> actual = Questions.Answer(questions, new TargetScope(target));
        Compare(questions, expected, actual);
    }

    /// <summary>What fails here and not there must not make all numbers behind it differ.</summary>
    private static string WithoutNumber(string said) =>
        said is ['$', >= '0' and <= '9', ..] ? said[said.IndexOf(" = ", StringComparison.Ordinal)..] : said;

    private void Compare(IReadOnlyList<string> questions, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        var differences = new StringBuilder();
        HashSet<string> known = [.. Questions.Read("differences.txt")];
        int count = 0;
        for (int at = 0; at < questions.Count; at++)
        {
            bool isKnown = known.Contains(questions[at]);
            if (WithoutNumber(expected[at]) == WithoutNumber(actual[at]) != isKnown)
                continue;
            count++;
            differences.Append($"{questions[at]}\n  gdb    {expected[at]}\n  virtap {actual[at]}\n");
        }

        output.WriteLine($"{questions.Count} questions, {count} differences");
        Assert.True(count == 0, $"{count} of {questions.Count} differ\n{differences}");
    }
}
