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
        var anywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        return Folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", anywhere).Order(StringComparer.Ordinal))
            .FirstOrDefault(path => Path.GetFileName(path) == name || Path.GetFileName(path) == name + ".stp");
    }
}
