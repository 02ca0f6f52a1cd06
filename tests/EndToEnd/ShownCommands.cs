using System.Globalization;
using System.Text.RegularExpressions;

namespace Virtap.EndToEnd;

/// <summary>A command that a page shows, and lines that must be among what it prints, in this order.</summary>
public sealed record ShownCommand(string Command, IReadOnlyList<string> Expected);

/// <summary>
/// The commands that a page shows: the lines that begin with <c>$ </c> (and go on with <c>&gt; </c>) in its <c>console</c> blocks. The
/// lines below a command must come out in that order; numbers may differ, and <c>...</c> stands for any lines, or for any part of one.
/// </summary>
public static partial class ShownCommands
{
    /// <summary>The commands of a page.</summary>
    public static IReadOnlyList<ShownCommand> In(string page)
    {
        var blocks = new List<ShownCommand>();
        List<string>? expected = null;
        var inside = false;
        foreach (var line in File.ReadLines(page))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                (inside, expected) = (line == "```console", null);
            else if (inside && line.StartsWith("$ ", StringComparison.Ordinal))
                blocks.Add(new(line[2..], expected = []));
            else if (inside && line.StartsWith("> ", StringComparison.Ordinal) && blocks is [.., var (command, _)])
                blocks[^1] = new($"{command}\n{line[2..]}", expected!);
            else
                expected?.Add(line);
        }

        return blocks;
    }

    /// <summary>Runs commands one after the other with out/ on the PATH and <c>$PID</c> set, and asserts what each prints.</summary>
    public static async Task RunAsync(IReadOnlyList<ShownCommand> commands, int processId, ITestOutputHelper output)
    {
        foreach (var (command, expected) in commands)
        {
            var script =
                $"export PATH={Repository.PathOf("out")}:$PATH PID={processId.ToString(CultureInfo.InvariantCulture)}; {{ "
                    + $"{command}\n}} 2>&1";
            var result = await Command.RunAsync("/bin/bash", ["-c", script]);
            output.WriteLine($"$ {command}\n{result.Output}");
            Compare(command, expected, result.Output.Split('\n'));
        }
    }

    private static void Compare(string command, IReadOnlyList<string> expected, string[] actual)
    {
        var at = 0;
        foreach (var line in expected.Where(line => line.Trim() is not ("..." or "")))
        {
            var wanted = new Regex("^" + Regex.Escape(Shape(line)).Replace(@"\.\.\.", ".*", StringComparison.Ordinal) + "$");
            while (at < actual.Length && !wanted.IsMatch(Shape(actual[at])))
                at++;
            Assert.True(at++ < actual.Length, $"$ {command}\nthere is no line such as\n{line}\nin\n{string.Join('\n', actual)}");
        }
    }

    /// <summary>
    /// A line without what differs from run to run: numbers, units of scale, addresses, the width of columns and of bars; and whether a
    /// queue at work was seen to work in the moment of a look, which is up to how busy this machine is.
    /// </summary>
    private static string Shape(string line) =>
        Blanks().Replace(Numbers().Replace(line, "N"), " ").TrimEnd('#', ' ').TrimStart()
            .Replace("queue idle", "queue working", StringComparison.Ordinal);

    [GeneratedRegex(@"(>=)?(0x[0-9a-f]+|\b[0-9a-f]{9,}\b|\b\d[\d.,:/-]*)( ?([kMG]|ns|µs|ms|s)\b)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
