using System.Diagnostics;

namespace Virtap.Debugging.Tests.Golden;

/// <summary>One run of gdb, which is asked many things.</summary>
internal static class GdbRun
{
    private const string Mark = "\u0001";

    /// <summary>Asks gdb.</summary>
    /// <param name="commands">What it is asked.</param>
    /// <param name="arguments">How it comes to its target, and what it does before.</param>
    /// <returns>For each command what it says; of one that fails <c>error: </c> and why.</returns>
    public static IReadOnlyList<string> Ask(IReadOnlyList<string> commands, params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("virtap-gdb-").FullName;
        try
        {
            string script = Path.Combine(folder, "ask.py"), list = Path.Combine(folder, "commands");
            File.WriteAllLines(list, commands);
            File.WriteAllText(script, $"""
                import gdb, sys
                for line in open('{list}', encoding='utf-8'):
                    try:
                        said = gdb.execute(line.rstrip('\n'), to_string=True)
                    except gdb.error as e:
                        said = 'error: ' + str(e) + '\n'
                    sys.stdout.write('\x01' + said)
                sys.stdout.write('\x01')
                """);
            string[] all =
            [
                "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set debug-file-directory /nonexistent", .. arguments,
                "-x", script,
            ];
            string said = Run("gdb", all);
            string[] parts = said.Split(Mark);
            Assert.True(parts.Length == commands.Count + 2, said);
            return [.. parts[1..^1].Select(static part => part.TrimEnd('\n'))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs a program and gives what it prints; skips the test where it is missing.</summary>
    public static string Run(string program, params string[] arguments)
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))),
            $"{program} is not installed");
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("DEBUGINFOD_URLS");
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {errors.Result}");
        return output;
    }
}
