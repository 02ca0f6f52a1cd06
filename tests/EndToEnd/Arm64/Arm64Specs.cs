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
    // Each session costs an emulated second.
    private const int OneOf = 6;

    private static readonly string[] Subjects =
    [
        "aggregates", "arrays", "context", "control", "errors", "formats", "functions", "nesting", "numbers", "order", "regex",
        "statements", "strings",
    ];

    /// <summary>The specs that are run.</summary>
    public static IReadOnlyList<Spec> Chosen { get; } =
    [
        // An alias has another name than what it stands for, and a body of its own, which is where the first statement is said to be.
        .. Spec.All.Where(spec => Subjects.Contains(spec.File) && spec is { HasSubject: true, Warnings: null })
            .Where(spec => spec.RunsOn(SpecMachine.Kernel) && !spec.Program.Contains("pp()", StringComparison.Ordinal)
                && !spec.Errors.Contains("operator '{'", StringComparison.Ordinal))
            .Where((_, i) => i % OneOf == 0),
    ];

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
