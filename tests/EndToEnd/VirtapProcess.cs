using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Virtap.EndToEnd;

/// <summary>One run of out/virtap: what it prints, line by line, and the signals it is sent.</summary>
public sealed class VirtapProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _readers;

    private VirtapProcess(Process process)
    {
        _process = process;
        _readers = Task.WhenAll(Task.Run(ReadOutputAsync), Task.Run(ReadErrorAsync));
    }

    /// <summary>The binary under test.</summary>
    public static string Binary { get; } = Repository.PathOf("out", "virtap");

    /// <summary>Virtap's process id.</summary>
    public int Id => _process.Id;

    /// <summary>The lines on standard output so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (_error)
                return _error.ToString();
        }
    }

    /// <summary>Starts <c>virtap run -v</c> with the arguments, and returns when all probes are in place.</summary>
    /// <exception cref="InvalidOperationException">Virtap ended, or has not attached within a minute.</exception>
    public static async Task<VirtapProcess> AttachAsync(params IEnumerable<string> arguments)
    {
        var virtap = new VirtapProcess(Command.Start(Binary, ["run", "-v", .. arguments]));
        var first = await Task.WhenAny(virtap._attached.Task, virtap._readers, Task.Delay(TimeSpan.FromMinutes(1)));
        if (first == virtap._attached.Task)
            return virtap;
        var error = virtap.Error;
        await virtap.DisposeAsync();
        throw new InvalidOperationException("Virtap did not attach:\n" + error);
    }

    /// <summary>Runs <c>virtap</c> to its end.</summary>
    public static Task<CommandResult> RunAsync(params IEnumerable<string> arguments) => Command.RunAsync(Binary, arguments);

    /// <summary>Sends a signal by name (INT, TERM, KILL).</summary>
    public async Task SignalAsync(string signal) =>
        await Command.RunAsync("/bin/kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Ends the session as Ctrl-C does, and returns everything that it printed.</summary>
    public async Task<CommandResult> InterruptAsync()
    {
        await SignalAsync("INT");
        return await WaitAsync();
    }

    /// <summary>Waits until Virtap has ended by itself.</summary>
    public async Task<CommandResult> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await _readers;
        return new CommandResult(_process.ExitCode, string.Concat(_output.Select(line => line + "\n")), Error);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        await _readers;
        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            _output.Enqueue(line);
    }

    private async Task ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_error)
                _error.Append(line).Append('\n');
            if (line.StartsWith("Pass 5: starting run", StringComparison.Ordinal))
                _attached.TrySetResult();
        }
    }
}
