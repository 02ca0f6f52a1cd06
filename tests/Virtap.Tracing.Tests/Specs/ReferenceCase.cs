using System.Runtime.CompilerServices;
using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>
/// A script, and what <c>stap -p2</c> says of it: <c>ok</c>, or its first error. Files of <c>tests/language/reference</c> hold them: lines
/// with <c>></c> are the script, with <c>-</c> its options, with <c>$</c> its arguments, with <c>=</c> what stap 4.8 says, with <c>~</c>
/// what Virtap says in its place, for a reason that <c>#</c> tells; an empty line ends a case.
/// </summary>
internal sealed record ReferenceCase(string Script, string[] Options, string[] Arguments, string Reference, string? Own)
{
    private static readonly string[] s_kinds = ["semantic error: ", "parse error: "];

    /// <summary>The names of the files.</summary>
    public static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Folder, "*.cases").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal);

    private static string Folder { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", "language", "reference"));

    public static List<ReferenceCase> Read(string name)
    {
        List<ReferenceCase> cases = [];
        ILookup<char, string> part;
        List<string> lines = [];
        foreach (string line in File.ReadLines(Path.Combine(Folder, name)).Append(""))
        {
            if (line.Length > 0)
            {
                lines.Add(line);
                continue;
            }

            part = lines.ToLookup(static each => each[0], static each => each.Length > 2 ? each[2..] : "");
            if (part['>'].Any())
            {
                cases.Add(new ReferenceCase(
                    string.Join('\n', part['>']), [.. part['-']], [.. part['$']], part['='].Single(), part['~'].SingleOrDefault()));
            }

            lines.Clear();
        }

        return cases;
    }

    /// <summary>What Virtap's first two passes say.</summary>
    public string Judge()
    {
        bool isGuru = Options.Contains("-g");
        var diagnostics = new DiagnosticBag();
        using var probes = new ProbeResolver(new ProbeOptions());
        var options = new CompilerOptions
        {
            Environment = new LanguageEnvironment { Arguments = Arguments, IsGuru = isGuru, SystemTapVersion = "4.8" },
            Binding = new BindOptions { IsGuru = isGuru, KeepsUnused = Options.Contains("-u") },
        };
        var compiler = new ScriptCompiler(options, probes, diagnostics);
        if (compiler.Parse(new SourceText("<input>", Script)) is { } scripts)
            compiler.Bind(scripts);
        return FirstError(new DiagnosticRenderer().Render(diagnostics));
    }

    /// <summary>The first error of some, what it is about where it says so behind a stroke; ok where there is none.</summary>
    public static string FirstError(string messages)
    {
        string[] lines = messages.Split('\n');
        int first = Array.FindIndex(lines, static line => s_kinds.Any(kind => line.StartsWith(kind, StringComparison.Ordinal)));
        if (first < 0)
            return "ok";
        string words = lines[first];
        // What names what there is besides depends on the tapset.
        if (words.StartsWith("semantic error: unresolved function", StringComparison.Ordinal)
            && words.IndexOf(" (similar", StringComparison.Ordinal) is > 0 and var similar)
            words = words[..similar] + words[(words.IndexOf(')', similar) + 1)..];
        string? about = lines.Skip(first).TakeWhile(static line => line.Length > 0).Select(static line => line.Trim())
            .FirstOrDefault(static line => line.StartsWith("saw: ", StringComparison.Ordinal)
                || line.StartsWith("at: ", StringComparison.Ordinal));
        if (words.StartsWith(s_kinds[1], StringComparison.Ordinal) && about is not null)
            words += " | " + about;
        // A file that was named before is not named again.
        return words.Replace(" at :", " at <input>:", StringComparison.Ordinal);
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
