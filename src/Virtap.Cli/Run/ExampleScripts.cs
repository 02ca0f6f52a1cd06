namespace Virtap.Cli.Run;

/// <summary>The scripts of --example: Virtap's, and behind them those of SystemTap's package.</summary>
internal static class ExampleScripts
{
    /// <summary>Where they are looked for: beside the program, where it is installed, and in SystemTap's place.</summary>
    public static IReadOnlyList<string> Folders { get; } =
    [
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../examples")),
        "/usr/share/virtap/examples",
        "/usr/share/systemtap/examples",
    ];

    /// <summary>The path of an example; null where there is none of that name.</summary>
    public static string? Find(string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal))
            return null;
        return Files("*").FirstOrDefault(path => Path.GetFileName(path) == name || Path.GetFileName(path) == name + ".stp");
    }

    /// <summary>The names of all examples.</summary>
    public static IReadOnlyList<string> Names() => [.. Files("*.stp").Select(static path => Path.GetFileName(path)).Distinct()];

    private static IEnumerable<string> Files(string pattern)
    {
        var anywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        return Folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, anywhere).Order(StringComparer.Ordinal));
    }
}
