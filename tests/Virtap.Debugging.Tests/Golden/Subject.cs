using System.Diagnostics;

namespace Virtap.Debugging.Tests.Golden;

/// <summary>A program that stands still where it may be looked at.</summary>
internal sealed class Subject : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-golden-").FullName;

    private Subject(string compiler, string source, string options, Action<string>? change)
    {
        Path = System.IO.Path.Combine(_folder, "subject");
        GdbRun.Run(compiler, ["-o", Path, Questions.PathOf(source), .. options.Split(' ')]);
        change?.Invoke(Path);
        Process = System.Diagnostics.Process.Start(new ProcessStartInfo(Path) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", Process.StandardOutput.ReadLine());
    }

    public string Path { get; }

    public Process Process { get; }

    /// <summary>Compiles and starts it.</summary>
    /// <param name="compiler">By what.</param>
    /// <param name="source">Which file beside the tests' sources.</param>
    /// <param name="options">How its debug information is made.</param>
    /// <param name="change">What is done to it before it is started.</param>
    public static Subject Start(string compiler, string source, string options, Action<string>? change = null) =>
        new(compiler, source, options, change);

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
