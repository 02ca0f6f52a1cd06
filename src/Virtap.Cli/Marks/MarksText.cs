using System.Text;
using Virtap.Binaries;
using Virtap.Binaries.Marks;
using Virtap.Cli.Rendering;

namespace Virtap.Cli.Marks;

/// <summary>Marks as lines: provider and name, arguments with types, number of sites; below, what cannot be read and why.</summary>
internal static class MarksText
{
    /// <param name="output">Where they go.</param>
    /// <param name="path">The binary.</param>
    /// <param name="architecture">The processor that it is for.</param>
    /// <param name="marks">Its marks; at least one.</param>
    public static void Write(TextOutput output, string path, Architecture? architecture, IReadOnlyList<Mark> marks)
    {
        bool isRecovered = marks[0].Origin == MarkOrigin.Recovered;
        output.WriteLine(
            $"# {path}: {marks.Count} {(marks.Count == 1 ? "mark" : "marks")}, "
                + $"{(isRecovered ? "recovered from the code" : "from SDT notes")}");
        if (architecture != HostArchitecture.Current)
            output.WriteLine(
                $"# code of {ArchitectureNames.NameOf(architecture)}, which this machine "
                    + $"({ArchitectureNames.NameOf(HostArchitecture.Current)}) does not run: it can be read here, not traced");
        foreach (Mark mark in marks)
        {
            output.WriteLine(Line(mark));
            foreach (string problem in Problems(mark))
                output.WriteLine("    " + problem);
        }
    }

    private static string Line(Mark mark)
    {
        var line = new StringBuilder($"{mark.Provider}:{mark.Name}");
        MarkSite site = mark.Sites.MaxBy(s => s.Arguments.Count)!;
        for (int i = 0; i < site.Arguments.Count; i++)
        {
            MarkArgument argument = site.Arguments[i];
            line.Append($" ${argument.Name ?? $"arg{i + 1}"}:{argument.Type?.ToString() ?? "long"}");
        }

        return line.Append(mark.Sites.Count == 1 ? $"  @ 0x{site.Address:x}" : $"  @ {mark.Sites.Count} sites").ToString();
    }

    /// <summary>What cannot be read, each said once with the number of sites where it is so.</summary>
    private static IEnumerable<string> Problems(Mark mark)
    {
        var problems = from site in mark.Sites
                       from argument in site.Arguments.Select((a, i) => (Argument: a, Number: i + 1))
                       where argument.Argument.Value is null
                       group site by $"${argument.Argument.Name ?? $"arg{argument.Number}"} cannot be read: {argument.Argument.Unreadable}";
        foreach (var problem in problems)
            yield return mark.Sites.Count == 1 ? problem.Key : $"{problem.Key} (at {problem.Count()} of {mark.Sites.Count} sites)";
    }
}
