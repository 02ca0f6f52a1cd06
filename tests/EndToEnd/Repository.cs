namespace Virtap.EndToEnd;

/// <summary>Where things are in the repository that this test assembly was built from.</summary>
public static class Repository
{
    /// <summary>The directory that holds Virtap.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Virtap.slnx")))
                return directory;
        }

        throw new InvalidOperationException("The tests do not run from inside the repository.");
    }
}
