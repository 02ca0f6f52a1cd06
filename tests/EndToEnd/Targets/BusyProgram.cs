using System.Diagnostics;
using System.Globalization;

namespace Virtap.EndToEnd.Targets;

/// <summary>Targets/busy.c, compiled on first use: threads that pass the mark <c>demo:step</c>, and count how often.</summary>
public sealed class BusyProgram : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Compiled = new(CompileAsync);

    private readonly Process _process;

    private BusyProgram(Process process, ulong semaphore)
    {
        _process = process;
        Semaphore = semaphore;
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Where the mark's semaphore is in the process's memory.</summary>
    public ulong Semaphore { get; }

    /// <summary>The executable; skips the test where it cannot be made.</summary>
    public static async Task<string> ExecutableAsync()
    {
        Requirements.Program("gcc");
        Requirements.ExistingFile("/usr/include/x86_64-linux-gnu/sys/sdt.h");
        return await Compiled.Value;
    }

    /// <summary>Starts the program; its threads wait for <see cref="GoAsync"/>.</summary>
    public static async Task<BusyProgram> StartAsync(int threads, int seconds)
    {
        var process = Command.Start(await ExecutableAsync(),
            [threads.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture)]);
        var line = await process.StandardOutput.ReadLineAsync() ?? "";
        return new BusyProgram(process, ulong.Parse(line.Replace("semaphore 0x", "", StringComparison.Ordinal), NumberStyles.HexNumber));
    }

    /// <summary>Lets the threads run.</summary>
    public Task GoAsync() => _process.StandardInput.WriteLineAsync();

    /// <summary>Waits for the end, and tells how often the mark was passed, by the program's own count.</summary>
    public async Task<long> HitsAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync() ?? "";
        await _process.WaitForExitAsync();
        return long.Parse(line.Replace("hits ", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<string> CompileAsync()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, "busy");
        var result = await Command.RunAsync("gcc",
            ["-O2", "-Wall", "-Werror", "-pthread", "-o", executable, Path.Combine(AppContext.BaseDirectory, "Targets", "busy.c")]);
        return result.Status == 0 ? executable : throw new InvalidOperationException(result.Error);
    }
}
