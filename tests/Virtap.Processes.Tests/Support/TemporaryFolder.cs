namespace Virtap.Processes.Tests.Support;

/// <summary>A folder that is there for one test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("virtap-processes-").FullName;

    /// <summary>A copy of a program, so that a test is alone with it.</summary>
    public string CopyOf(string program, string name)
    {
        string copy = System.IO.Path.Combine(Path, name);
        File.Copy(new FileInfo(program).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program, copy);
        return copy;
    }

    public string Write(string name, string text, bool executable = true)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        if (executable)
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
