using System.Diagnostics;

namespace Virtap.EndToEnd;

/// <summary>What a command left behind.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
public sealed record CommandResult(int Status, string Output, string Error);

/// <summary>Runs programs to their end.</summary>
public static class Command
{
    /// <summary>Runs a program with no input.</summary>
    /// <exception cref="TimeoutException">The program took longer than <paramref name="limit"/> (default: two minutes); it was
    /// killed.</exception>
    public static async Task<CommandResult> RunAsync(string file, IEnumerable<string> arguments, TimeSpan? limit = null)
    {
        using var process = Start(file, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var timer = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} did not end");
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program with its three streams redirected.</summary>
    public static Process Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
    }

    /// <summary>Where a program is on the PATH (and in the directories of system programs), or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':')
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
}
