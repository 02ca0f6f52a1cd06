using System.Globalization;
using Virtap.Bpf.Kernel;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Language.Diagnostics;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Commands;
using Virtap.Processes.Stops;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Watch.Marks;
using static Virtap.Cli.Run.PassReporter;

namespace Virtap.Cli.Run;

/// <summary>Passes 4 and 5: the kernel, the session.</summary>
/// <param name="options">The command line.</param>
/// <param name="limits">The session's limits.</param>
/// <param name="reporter">Says what is done, and what goes wrong.</param>
internal sealed class SessionRun(RunOptions options, SessionLimits limits, PassReporter reporter)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>What this process is, where it runs for another one in the background; stays the caller's.</summary>
    public FlightRecorder? Recorder { get; init; }

    /// <summary>Loads a script and runs it to its end.</summary>
    /// <param name="compiled">The script.</param>
    /// <param name="arguments">Its arguments, as it sees them.</param>
    /// <returns>The exit status.</returns>
    public int Run(CompiledScript compiled, IReadOnlyList<string> arguments)
    {
        int pass = 3;
        try
        {
            using OutputWriter output = options is { OutputPath: string path, LastPass: 5 }
                ? OutputPath.Open(path, options.Rotation) : StandardStreams.Output;
            using SuspendedCommand? command = options is { Command: string line, LastPass: 5 } ? SuspendedCommand.Start(line) : null;

            pass = 4;
            var clock = new PassClock();
            SessionOptions session = Session(output, command);
            using LoadedScript loaded = Load(compiled, new ScriptHost(session));
            if (options.VerbosityOf(4) > 0)
                reporter.Say($"Pass 4: loaded into the kernel in {clock.Time}.");
            if (options.LastPass == 4)
                return 0;

            pass = 5;
            clock = new PassClock();
            using RunningScript running = loaded.Start();
            Recorder?.LetCallerGo(running.Stop);
            if (options.VerbosityOf(5) > 0)
                reporter.Say("Pass 5: starting run.");
            if (options.VerbosityOf(5) > 1)
                Describe(loaded, running);
            SessionResult result;
            using (WatchSilentMarks(compiled, arguments))
                result = running.RunToEnd();
            SessionEndWords.Write(result, session.Errors, session.ReportsTiming);
            int status = End(result, clock);
            output.Complete();
            return status;
        }
        catch (ThreadStopException e)
        {
            reporter.Say($"ERROR: thread {e.ThreadId} cannot be traced: {StopWords.Of(e)}");
            reporter.Say(DiagnosticRenderer.PassFailed(pass));
            return 1;
        }
        catch (Exception e)
            when (e is SessionException or ProcessException or (IOException and not OutputException) or UnauthorizedAccessException)
        {
            reporter.Say($"ERROR: {e.Message}");
            if (e.InnerException is BpfException { VerifierLog.Length: > 0 } refusal)
                reporter.Say(VerifierLog.Keep(refusal));
            reporter.Say(DiagnosticRenderer.PassFailed(pass));
            return 1;
        }
    }

    // All system calls are up to some hundred programs, which take the kernel seconds. Whoever waits at a terminal is told what for.
    private LoadedScript Load(CompiledScript compiled, ScriptHost host)
    {
        if (Console.IsErrorRedirected || options.VerbosityOf(4) > 0)
            return host.Load(compiled);
        int count = compiled.Code.Sum(static code => code.Handlers.Count);
        using var timer = new Timer(
            _ => StandardStreams.ReportAside($"having the kernel verify {count} programs ..."), null, s_patience, Timeout.InfiniteTimeSpan);
        return host.Load(compiled);
    }

    // What attaches and then says nothing is worse than what cannot be attached.
    private SilentMarkWatch? WatchSilentMarks(CompiledScript compiled, IReadOnlyList<string> arguments) =>
        options.HidesWarnings || options.UsesPtrace ? null
            : SilentMarkWatch.Start(
                compiled, [.. arguments.Select(AddressOf).OfType<ulong>()],
                static mark => StandardStreams.ReportAside($"WARNING: {SessionWords.Of(mark)}"));

    // Devices are named by vdev:NAME, which has become one, or by what gdb has printed.
    private static ulong? AddressOf(string argument) => argument.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(argument.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address) ? address : null;

    private void Describe(LoadedScript loaded, RunningScript running)
    {
        reporter.Say($"{running.Sites} {Plural(running.Sites, "place")} probed through {running.Links} {Plural(running.Links, "link")}.");
        foreach (string line in SessionWords.Of(loaded.Uses))
            reporter.Say("  " + line);
    }

    private int End(SessionResult result, PassClock clock)
    {
        if (result.HasFailed)
        {
            reporter.Say(DiagnosticRenderer.PassFailed(5));
            return 1;
        }

        if (options.VerbosityOf(5) > 0)
            reporter.Say($"Pass 5: run completed in {clock.Time}.");
        return 0;
    }

    private SessionOptions Session(OutputWriter output, SuspendedCommand? command)
    {
        // Where a recorder has lost the terminal, what the session says is in its record.
        OutputWriter errors = Recorder is null or { KeepsErrors: true } ? reporter.Errors : output;
        if (options.IsSafe)
            errors = errors.Quoting();
        return new SessionOptions
        {
            Output = options.IsSafe ? output.Quoting() : output,
            Errors = errors,
            Warn = warning =>
            {
                errors.Write(SessionWords.Line(warning) + "\n");
                errors.Flush();
            },
            TargetProcess = command?.ProcessId ?? options.TargetProcess,
            Command = command,
            TimeLimit = options.Seconds is int seconds ? TimeSpan.FromSeconds(seconds) : null,
            MaxErrors = limits.MaxErrors,
            MaxSkipped = limits.MaxSkipped,
            PrintsUnreadGlobals = !options.HidesUnreadGlobals,
            SuppressesWarnings = options.HidesWarnings,
            ReportsTiming = options.ReportsTiming,
        };
    }
}
