using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Language.Library;

/// <summary>Our own tapset's files, which lie in this assembly.</summary>
public static class Tapset
{
    /// <summary>The name that messages about a tapset file show begins with this.</summary>
    private const string Directory = "tapset/";

    /// <summary>A file's text; files are the library's own, so that one which is missing is a mistake of the build.</summary>
    internal static SourceText Read(string file) =>
        new(Directory + file, file == SyscallTable.File ? SyscallTable.WriteAliases() : ReadText(file));

    /// <summary>What a file of this assembly holds.</summary>
    internal static string ReadText(string file)
    {
        using Stream stream = typeof(Tapset).Assembly.GetManifestResourceStream(Directory + file)
            ?? throw new InvalidOperationException($"the tapset has no file {file}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The macros of our own tapset.</summary>
    /// <param name="environment">What conditions in them ask about.</param>
    public static MacroLibrary ReadMacros(LanguageEnvironment environment)
    {
        var macros = new MacroLibrary();
        var mistakes = new DiagnosticBag();
        macros.Add(Read("json.stpm"), environment with { IsLibrary = true }, mistakes);
        return mistakes.HasErrors ? throw new InvalidOperationException("the tapset's macros have mistakes") : macros;
    }

    /// <summary>The names of all files.</summary>
    internal static IEnumerable<string> Files => typeof(Tapset).Assembly.GetManifestResourceNames()
        .Where(static name => name.StartsWith(Directory, StringComparison.Ordinal) && name.EndsWith(".stp", StringComparison.Ordinal))
        .Select(static name => name[Directory.Length..])
        .Append(SyscallTable.File);
}
