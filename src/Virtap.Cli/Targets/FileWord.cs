using Virtap.Cli.Commands;

namespace Virtap.Cli.Targets;

/// <summary>The word that names a file to be read.</summary>
internal static class FileWord
{
    /// <summary>Checks, before it is opened, that there is a file of that name.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="CommandException">It names nothing, or a folder.</exception>
    public static string Check(string path) =>
        path.Length == 0 ? throw new CommandException("the name of a file is missing: it is empty")
        : Directory.Exists(path) ? throw new CommandException($"{path} is a folder, not a file")
        : File.Exists(path) ? path : throw new CommandException($"there is no file {path} to be seen");
}
