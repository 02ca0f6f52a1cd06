namespace Virtap.Processes.Files;

/// <summary>A program that was looked for and found.</summary>
/// <param name="Path">Its absolute path, links resolved; for a program that only exists in a container, the path there.</param>
/// <param name="OpenPath">A path that opens it from here: <paramref name="Path"/>, or one through <c>/proc</c>.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="Script">The path of the script whose interpreter it is; null when the program itself was named.</param>
public sealed record ExecutableFile(string Path, string OpenPath, FileIdentity Identity, string? Script = null);
