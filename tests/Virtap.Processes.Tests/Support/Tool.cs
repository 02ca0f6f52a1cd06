using System.Diagnostics;

namespace Virtap.Processes.Tests.Support;

/// <summary>Programs that tests run beside the code, or make their targets with; a test is skipped where one is missing.</summary>
public static class Tool
{
    public static string Run(string program, params string[] arguments)
    {
        bool exists = File.Exists(program)
            || Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
        Assert.SkipUnless(exists, $"{program} is not installed");
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["DEBUGINFOD_URLS"] = "";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {errors.Result}");
        return output;
    }
}
