using System.Globalization;
using Virtap.Bpf.Specs;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Session;

namespace Virtap.Cli.Run;

/// <summary>Passes 3 to 5: programs, the kernel, the session.</summary>
internal sealed partial class ScriptRun
{
    private int RunSession(BoundProgram program)
    {
        var clock = new PassClock();
        if (!SessionLimits.TryRead(_options, _diagnostics, out SessionLimits limits) | !Tell(3))
            return 1;
        if (_options.SuppressesHandlerErrors)
            program = program with { Probes = [.. program.Probes.Select(CatchErrors)] };
        LoweredProgram? lowered = Lowerer.Lower(program, Lowering(limits), _diagnostics);
        if (!Tell(3))
            return 1;

        int pass = 3;
        try
        {
            using OutputWriter output = _options.OutputPath is string path
                ? OutputWriter.ToFile(OutputPath.Expand(path, DateTimeOffset.Now))
                : OutputWriter.StandardOutput();
            using SuspendedCommand? command = _options is { Command: string line, LastPass: 5 } ? SuspendedCommand.Start(line) : null;
            using var session = new ScriptSession(lowered!, Session(limits, output, command));
            Translate(session, clock);
            if (_options.LastPass == 3)
                return 0;

            pass = 4;
            clock = new PassClock();
            session.Load();
            if (_options.VerbosityOf(4) > 0)
                Say($"Pass 4: loaded into the kernel in {clock.Time}.");
            if (_options.LastPass == 4)
                return 0;

            pass = 5;
            clock = new PassClock();
            session.Start();
            if (_options.VerbosityOf(5) > 0)
                Say("Pass 5: starting run.");
            if (_options.VerbosityOf(5) > 1)
                Describe(session);
            return End(session.Run(), clock);
        }
        catch (Exception e) when (e is SessionException or ProcessException or IOException or UnauthorizedAccessException)
        {
            Say($"ERROR: {e.Message}");
            Say(DiagnosticRenderer.PassFailed(pass));
            return 1;
        }
    }

    private void Translate(ScriptSession session, PassClock clock)
    {
        IReadOnlyList<ProgramSpec> specs = session.Translate();
        int instructions = specs.Sum(s => s.Instructions.Length);
        if (_options.VerbosityOf(3) > 0)
            Say(string.Create(CultureInfo.InvariantCulture, $"Pass 3: translated to eBPF: {specs.Count} {Plural(specs.Count, "program")}, {instructions} instructions {clock.Usage}"));
        if (_options.LastPass != 3)
            return;
        foreach (ProgramSpec spec in specs)
            Console.Out.WriteLine(spec);
    }

    private void Describe(ScriptSession session)
    {
        Say($"{session.Sites} {Plural(session.Sites, "place")} probed through {session.Links} {Plural(session.Links, "link")}.");
        foreach (string line in session.Describe())
            Say("  " + line);
    }

    private int End(SessionResult result, PassClock clock)
    {
        if (result.HasFailed)
        {
            Say(DiagnosticRenderer.PassFailed(5));
            return 1;
        }

        if (_options.VerbosityOf(5) > 0)
            Say($"Pass 5: run completed in {clock.Time}.");
        return 0;
    }

    /// <summary>The handler as --suppress-handler-errors has it: <c>try { ... } catch { next }</c>.</summary>
    private static BoundProbe CatchErrors(BoundProbe probe) =>
        probe with { Body = new BoundTry(probe.Span, probe.Body, null, new BoundBlock(probe.Span, [])) };

    private static LoweringOptions Lowering(SessionLimits limits) => new()
    {
        KindOf = KindOf,
        MaxActions = limits.MaxActions,
        MaxActionsInterruptible = limits.MaxActionsInterruptible,
        MaxStringLength = limits.MaxStringLength,
        MaxMapEntries = limits.MaxMapEntries,
    };

    private static HandlerKind KindOf(ProbeTarget target) => target switch
    {
        LifecycleTarget => HandlerKind.Alone,
        CodeTarget => HandlerKind.InTarget,
        _ => HandlerKind.InProcess,
    };

    private SessionOptions Session(SessionLimits limits, OutputWriter output, SuspendedCommand? command) => new()
    {
        Output = output,
        Errors = _errors,
        TargetProcess = command?.ProcessId ?? _options.TargetProcess ?? 0,
        Command = command,
        TimeLimit = _options.Seconds is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        MaxErrors = limits.MaxErrors,
        MaxSkipped = limits.MaxSkipped,
        LockTries = limits.LockTries,
        OutputBytes = (uint)(_options.BufferMegabytes ?? 8) << 20,
        PrintsUnreadGlobals = !_options.HidesUnreadGlobals,
        SuppressesWarnings = _options.HidesWarnings,
        ReportsTiming = _options.ReportsTiming,
    };
}
