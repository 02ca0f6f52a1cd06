using System.Text.RegularExpressions;

namespace Virtap.Cli.Tests;

/// <summary>What ARCHITECTURE.md names is there.</summary>
public partial class ArchitectureTests
{
    [Fact]
    public void Types_files_and_folders_that_it_names_are_in_the_sources()
    {
        string root = RoomsTests.Root();
        string sources = string.Join('\n', new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(static path => path + "\n" + File.ReadAllText(path)));
        string[] named = [.. Quoted().Matches(File.ReadAllText(Path.Combine(root, "ARCHITECTURE.md")))
            .SelectMany(static quoted => Name().Matches(quoted.Value)).Select(static name => name.Value).Distinct()];

        Assert.True(named.Length > 100);
        Assert.DoesNotContain(named, name => !sources.Contains(name, StringComparison.Ordinal));
    }

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex Quoted();

    [GeneratedRegex("[A-Z][A-Za-z0-9]+")]
    private static partial Regex Name();
}
