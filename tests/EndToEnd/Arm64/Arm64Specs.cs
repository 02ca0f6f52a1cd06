using System.Globalization;
using System.Text.RegularExpressions;
using Virtap.Tracing.Tests.Specs;

namespace Virtap.EndToEnd.Arm64;

/// <summary>
/// Some of the language's specs (<c>tests/language</c>), made into files that run on a machine without .NET: there <c>subject</c> is an
/// alias, and a command that runs the target once ends the session.
/// </summary>
internal static partial class Arm64Specs
{
    // Each session costs an emulated second: some of each subject. None prints the name of its probe point, which an alias has of its own.
    private static readonly string[] Names =
    [
        "aggregates: counts, sums and extremes",
        "aggregates: kept and printed at the end",
        "aggregates: arrays of aggregates",
        "aggregates: fewer of them with HIST_ELISION",
        "arrays: foreach with many keys, sorted by the second",
        "arrays: a limit sorts only so many, and what lost its place comes next",
        "control: if and else",
        "control: return leaves loops",
        "errors: error raises with the script's words",
        "formats: escapes and bytes",
        "functions: an argument is what it was when it was passed",
        "functions: a lowered MAXNESTING ends calls within calls, and a caught error gives them back",
        "nesting: loops four deep",
        "numbers: logic stops where it is settled",
        "order: operands are evaluated from left to right",
        "order: an element's value is that of the array before",
        "regex: brackets and repetitions",
        "statements: steps of elements, in front and behind, and text appended to them",
        "strings: comparison",
        "strings: bytes that are no text",
    ];

    /// <summary>The specs that are run.</summary>
    public static IReadOnlyList<Spec> Chosen { get; } = [.. Names.Select(name => Spec.All.Single(spec => spec.ToString() == name))];

    /// <summary>The command that runs them all in the guest, and prints what <see cref="Differences"/> reads.</summary>
    public static string Command => "sh /specs/run";

    /// <summary>The files in the guest: path, text.</summary>
    public static IEnumerable<(string Path, string Text)> Files()
    {
        yield return ("/specs/tapset/subject.stp",
            """
            probe subject = process("/bin/target").function("work") { }
            probe subjects = process("/bin/target").function("alpha"), process("/bin/target").function("beta"),
                process("/bin/target").function("gamma") { }

            """);
        yield return ("/specs/run",
            """
            for folder in /specs/[0-9]*; do
                cd $folder
                sh ./command >/tmp/spec.out 2>/tmp/spec.err
                echo "spec $(basename $folder)"
                cat /tmp/spec.out
                echo "errors"
                cat /tmp/spec.err
            done

            """);
        for (var i = 0; i < Chosen.Count; i++)
        {
            var folder = $"/specs/{Number(i)}";
            yield return ($"{folder}/spec", Chosen[i].Program);
            yield return ($"{folder}/command",
                $"timeout 60 virtap run {string.Join(' ', Chosen[i].Options)} -I /specs/tapset -c /bin/once spec "
                    + $"{string.Join(' ', Chosen[i].Arguments)}\n");
        }
    }

    /// <summary>What the specs printed on either stream, and what they were to print; those that agree are left out.</summary>
    public static IEnumerable<string> Differences(string printed)
    {
        for (var i = 0; i < Chosen.Count; i++)
        {
            var spec = Chosen[i];
            var expected = $"spec {Number(i)}\n{spec.Output}errors\n{spec.Errors}";
            var start = printed.IndexOf($"spec {Number(i)}\n", StringComparison.Ordinal);
            var end = printed.IndexOf($"spec {Number(i + 1)}\n", StringComparison.Ordinal);
            var there = SaidByTheCommand().Replace(start < 0 ? "nothing" : end < 0 ? printed[start..] : printed[start..end], "");
            if (there != expected)
                yield return $"{spec}\nexpected\n{expected}there\n{there}";
        }
    }

    /// <summary>What specs do not have: warnings of the compiler, with the line that is meant, and how the command ended.</summary>
    [GeneratedRegex(@"(?m)^WARNING: .*\n +source: .*\n +\^\n|^Pass 5: run failed\..*\n")]
    private static partial Regex SaidByTheCommand();

    private static string Number(int i) => i.ToString("000", CultureInfo.InvariantCulture);
}
