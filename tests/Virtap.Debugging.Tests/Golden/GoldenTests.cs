using System.Text;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Targets;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Tests.Golden;

/// <summary>The same questions to gdb and to Virtap, about the same process: the same text.</summary>
public sealed class GoldenTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("gcc", "-O0 -gdwarf-5")]
    [InlineData("gcc", "-O2 -gdwarf-4 -fdebug-types-section")]
    [InlineData("gcc", "-O2 -gdwarf-5 -gsplit-dwarf")]
    [InlineData("gcc", "-O2 -gdwarf-5 -gz=zlib")]
    [InlineData("clang", "-O0 -gdwarf-5")]
    [InlineData("clang", "-O2 -gdwarf-4")]
    public void A_process_is_printed_as_gdb_prints_it(string compiler, string options)
    {
        using var subject = Subject.Start(compiler, "subject.c", options);
        CompareProcess(subject, "expressions.txt");
    }

    [Theory]
    [InlineData("g++", "-O0 -gdwarf-5")]
    [InlineData("g++", "-O2 -gdwarf-4")]
    public void A_process_written_in_CPlusPlus_is_too(string compiler, string options)
    {
        using var subject = Subject.Start(compiler, "subject.cc", options);
        CompareProcess(subject, "expressions-cc.txt");
    }

    [Fact]
    public void What_dwz_has_put_together_is_read_as_gdb_reads_it()
    {
        using var subject = Subject.Start("gcc", "subject.c", "-O2 -gdwarf-5", static path => GdbRun.Run("dwz", path));
        CompareProcess(subject, "expressions.txt");
    }

    [Fact]
    public void A_core_is_printed_as_gdb_prints_it_with_the_variables_of_its_frame()
    {
        using var subject = Subject.Start("gcc", "subject.c", "-O0 -gdwarf-5");
        IReadOnlyList<string> questions = [.. Questions.Read("frame.txt"), .. Questions.Read("expressions.txt").TakeLast(700)];
        string core = subject.Path + ".core";
        IReadOnlyList<string> expected = GdbRun.Ask(
            questions, subject.Path, "-ex", "set disable-randomization off", "-ex", "run crash", "-ex", $"generate-core-file {core}");
        using var process = CoreProcess.Open(core, subject.Path);
        using DebugTarget target = DebugTarget.Of(process, new DebugFileSearch { Roots = [] });
        RegisterValues registers = process.Threads[0].Registers!;
        var scope = new TargetScope(target, StackFrame.Innermost(registers));
        Compare(questions, expected, Questions.Answer(questions, scope));
    }

    private void CompareProcess(Subject subject, string table)
    {
        IReadOnlyList<string> questions = Questions.Read(table);
        IReadOnlyList<string> expected = GdbRun.Ask(questions, "-p", $"{subject.Process.Id}");
        using DebugTarget target = DebugTarget.Of(LiveProcess.Get(subject.Process.Id), new DebugFileSearch { Roots = [] });
        Compare(questions, expected, Questions.Answer(questions, new TargetScope(target)));
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
            if (isKnown || WithoutNumber(expected[at]) == WithoutNumber(actual[at]))
                continue;
            count++;
            differences.Append($"{questions[at]}\n  gdb    {expected[at]}\n  virtap {actual[at]}\n");
        }

        output.WriteLine($"{questions.Count} questions, {count} differences");
        Assert.True(count == 0, $"{count} of {questions.Count} differ\n{differences}");
    }
}
