using System.Diagnostics;

namespace Virtap.Debugging.Tests.Golden;

/// <summary>A program that stands still where it may be looked at.</summary>
internal sealed class Subject : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-golden-").FullName;

    private Subject(string compiler, string source, string options)
    {
        Path = System.IO.Path.Combine(_folder, "subject");
        GdbRun.Run(compiler, ["-o", Path, Questions.PathOf(source), .. options.Split(' ')]);
        Process = System.Diagnostics.Process.Start(new ProcessStartInfo(Path) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", Process.StandardOutput.ReadLine());
    }

    public string Path { get; }

    public Process Process { get; }

    /// <summary>Compiles and starts it.</summary>
    public static Subject Start(string compiler, string source, string options) => new(compiler, source, options);

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
