using System.Diagnostics;

namespace Virtap.Binaries.Tests.Support;

/// <summary>Programs that tests compare with, or make their files with; a test is skipped where one is missing.</summary>
internal static class Tool
{
    public const string Qemu = "/usr/bin/qemu-system-x86_64";

    /// <summary>Runs a program and gives what it prints.</summary>
    public static string Run(string program, params string[] arguments)
    {
        Assert.SkipUnless(Exists(program), $"{program} is not installed");
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {errors.Result}");
        return output;
    }

    /// <summary>QEMU's path, where it is installed.</summary>
    public static string RequireQemu()
    {
        Assert.SkipUnless(File.Exists(Qemu), $"{Qemu} is not installed");
        return Qemu;
    }

    private static bool Exists(string program)
        => File.Exists(program)
            || Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The path of a QEMU that <c>scripts/other-qemus</c> has fetched.</summary>
    /// <param name="version">Version and architecture, as in <c>7.2-arm64</c>.</param>
    public static string RequireOtherQemu(string version)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "out", "qemu", version);
            if (File.Exists(path))
                return path;
        }

        Assert.Skip($"there is no out/qemu/{version}: run scripts/other-qemus");
        return "";
    }
}
