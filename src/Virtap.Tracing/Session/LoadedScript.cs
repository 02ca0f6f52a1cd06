using Virtap.Tracing.Backends;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Session;

/// <summary>
/// A script whose memory and handlers are in place; none of them runs yet. To be disposed of after the running script that it becomes.
/// </summary>
public sealed class LoadedScript : IDisposable
{
    private bool _isStarted;

    internal LoadedScript(
        LoweredProgram program,
        SessionOptions options,
        SessionMemory memory,
        RecordPrinter printer,
        IReadOnlyList<LoadedHandlers> handlers)
    {
        Program = program;
        Options = options;
        Memory = memory;
        Printer = printer;
        Handlers = handlers;
    }

    internal LoweredProgram Program { get; }

    internal SessionOptions Options { get; }

    internal SessionMemory Memory { get; }

    internal RecordPrinter Printer { get; }

    internal IReadOnlyList<LoadedHandlers> Handlers { get; }

    /// <summary>What was chosen of what machines offer; none where everything runs in this process.</summary>
    public IReadOnlyList<BackendUse> Uses => [.. Handlers.Select(static each => each.Use).OfType<BackendUse>()];

    /// <summary>
    /// Begins pass 5: runs the begin probes; then, unless they ended the session, attaches all others and lets the command of -c go. When
    /// it returns, probes fire.
    /// </summary>
    /// <exception cref="SessionException">Not one of the places could be probed.</exception>
    /// <exception cref="InvalidOperationException">It has been started before: its memory is not what it was.</exception>
    public RunningScript Start()
    {
        if (_isStarted)
            throw new InvalidOperationException("the script has been started already");
        _isStarted = true;
        var running = new RunningScript(this);
        try
        {
            running.Begin();
            return running;
        }
        catch
        {
            running.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoadedHandlers each in Handlers)
            each.Dispose();
        Printer.Dispose();
        Memory.Dispose();
    }
}
