namespace Virtap.Binaries.Tests.Support;

/// <summary>A C program, compiled for a test into a folder of its own.</summary>
internal sealed class CProgram : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-test-").FullName;

    private CProgram(string compiler, string source, string[] options)
    {
        File.WriteAllText(Path.Combine(_folder, "program.c"), source);
        Binary = Path.Combine(_folder, "program");
        Tool.Run(compiler, ["-o", Binary, Path.Combine(_folder, "program.c"), .. options]);
    }

    public string Binary { get; }

    /// <summary>Compiles; a source that includes sys/sdt.h skips the test where that is missing.</summary>
    public static CProgram Compile(string source, params string[] options)
    {
        bool needsSdt = source.Contains("sys/sdt.h", StringComparison.Ordinal);
        Assert.SkipWhen(
            needsSdt && !File.Exists("/usr/include/x86_64-linux-gnu/sys/sdt.h")
            && !File.Exists("/usr/include/sys/sdt.h"), "sys/sdt.h is not installed");
        return new CProgram("gcc", source, options);
    }

    /// <summary>Compiles with a compiler of another processor; skips the test where that is missing.</summary>
    public static CProgram CompileWith(string compiler, string source, params string[] options) => new(compiler, source, options);

    /// <summary>Writes a file beside the program.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
