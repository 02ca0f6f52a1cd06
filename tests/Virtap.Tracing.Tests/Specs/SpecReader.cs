using System.Runtime.CompilerServices;
using System.Text;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>Reads the files of <c>tests/language</c>.</summary>
internal static class SpecReader
{
    private static readonly string[] s_sections = ["PROG", "EXPECT", "EXPECT-ERROR", "ERRORS", "WARN"];

    /// <summary>The folder.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", "language"));

    /// <summary>All specs of all files.</summary>
    /// <exception cref="FormatException">A file is not written as CONTRIBUTING.md says; the message names file and line.</exception>
    public static IReadOnlyList<Spec> ReadAll()
    {
        var specs = new List<Spec>();
        foreach (string path in Directory.EnumerateFiles(Folder, "*.spec").Order(StringComparer.Ordinal))
            Read(path, specs);
        IEnumerable<string> twice = specs.GroupBy(spec => spec.ToString()).Where(group => group.Count() > 1).Select(group => group.Key);
        return twice.FirstOrDefault() is { } name ? throw new FormatException($"two specs of one name: {name}") : specs;
    }

    private static void Read(string path, List<Spec> specs)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        string[] lines = File.ReadAllLines(path);
        Spec? spec = null;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            (string word, string rest) = line.IndexOf(' ') is >= 0 and var blank ? (line[..blank], line[(blank + 1)..].Trim()) : (line, "");
            if (word == "NAME")
                specs.Add(spec = new Spec { File = file, Name = rest });
            else if (line.Length == 0 || line[0] == '#')
                continue;
            else if (spec is null || !TrySet(spec, word, rest))
                throw new FormatException($"{file}.spec:{i + 1}: not a line of a spec: {line}");
            if (s_sections.Contains(line))
                spec!.SetSection(line, Section(lines, ref i));
        }
    }

    private static bool TrySet(Spec spec, string word, string rest)
    {
        switch (word)
        {
            case "OPTIONS":
                spec.Options = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return true;
            case "ARGS":
                spec.Arguments = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return true;
            case "MACHINES" when Enum.TryParse(rest, ignoreCase: true, out SpecMachine machine):
                spec.Machine = machine;
                return true;
            default:
                return rest.Length == 0 && s_sections.Contains(word);
        }
    }

    /// <summary>The lines behind a section's head, as they stand, without the blank ones before the next head.</summary>
    private static string Section(string[] lines, ref int i)
    {
        var text = new StringBuilder();
        while (i + 1 < lines.Length && !lines[i + 1].StartsWith("NAME ", StringComparison.Ordinal) && !s_sections.Contains(lines[i + 1]))
            text.Append(lines[++i]).Append('\n');
        string trimmed = text.ToString().TrimEnd('\n');
        return trimmed.Length == 0 ? "" : trimmed + "\n";
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
