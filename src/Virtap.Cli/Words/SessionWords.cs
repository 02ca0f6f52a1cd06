using Virtap.Bpf.Features;
using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Processes;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Watch.Marks;

namespace Virtap.Cli.Words;

/// <summary>What a session tells of itself, in sentences.</summary>
internal static class SessionWords
{
    /// <summary>A warning or an error, as a script's run tells it.</summary>
    public static string Line(SessionWarning warning) => (warning.EndsSession ? "ERROR: " : "WARNING: ") + Of(warning);

    /// <summary>A warning, without its heading.</summary>
    public static string Of(SessionWarning warning) => PrintableText.OfLine(warning switch
    {
        BreakpointsWereLeft { Left: { Debugger: int debugger } left } =>
            $"{LiveProcess.Find(debugger)?.ToString() ?? $"process {debugger}"} debugs process {left.Process}, and has "
                + $"{(left.Offsets.Count == 1 ? "a breakpoint" : $"{left.Offsets.Count} breakpoints")} where this session probes "
                + $"{left.Path}: who of the two sees a hit there is not known",
        BreakpointsWereLeft { Left: var left } =>
            $"an earlier tracer has left {(left.Offsets.Count == 1 ? "a breakpoint" : $"{left.Offsets.Count} breakpoints")} "
                + $"in process {left.Process}, in {left.Path}: virtap doctor --mend {left.Process.Id} takes out all that it left",
        FileWasReplaced { Path: var path, Processes: [var first, ..] and { Count: var count } } =>
            $"process {first}{(count == 1 ? " runs" : $" and {Figures.Count(count - 1, "other")} run")} another file of the name "
                + $"{path}, deleted since, in which nothing is probed: process({first}) in place of the program's path probes what it runs",
        TargetIsNowhere { Process: var id } => $"there is no process {id}, which -x names",
        SiteWasRefused refused => refused.Failure.ToString(),
        ProbeWasNotArmed refused => refused.Refusal.Message,
        ProcessIsNotTraced { Failure: var failure } =>
            $"thread {failure.ThreadId}, of a process that descends from the target, cannot be traced: {StopWords.Of(failure)}",
        TooManyWereSkipped => "Skipped too many probes, check MAXSKIPPED or try again with stap -t for more details.",
        DetachingGoesOn => "the kernel has not taken all probes out of their targets yet; it goes on doing so",
        _ => throw new InvalidOperationException($"{warning.GetType().Name} has no words"),
    });

    /// <summary>A warning of marks that say nothing, without its heading.</summary>
    public static string Of(SilentMark mark) => PrintableText.OfLine(
        $"{(mark.Silent.Count == 1 ? "mark" : "marks")} {string.Join(", ", mark.Silent)} of {mark.Program}: no hit"
        + (mark.Device is { } device ? Figures.Invariant($" for the device at 0x{device:x}") : "")
        + $", {WhileAnother(mark)}, so probe {mark.Firing} as well");

    /// <summary>A warning of a function that a logpoint is at and that nobody calls, without its heading.</summary>
    public static string OfPlace(SilentMark mark) => PrintableText.OfLine(
        $"{mark.Silent[0]} of {mark.Program}: not called, {WhileAnother(mark)}: see virtap run with the mark {mark.Firing}");

    private static string WhileAnother(SilentMark mark) =>
        $"while {mark.Firing} has {Figures.Count(mark.Hits, "hit")} in {SilentMarkWatch.Window.TotalSeconds:0} s; which of them a "
        + "notification passes depends on QEMU's version and on whether an iothread serves the queue";

    /// <summary>How probes work here, a line each.</summary>
    /// <param name="uses">What the session uses of what machines offer.</param>
    public static IEnumerable<string> Of(IReadOnlyList<BackendUse> uses) => uses.Count == 0
        ? ["no probes in programs: everything runs in this process, and the kernel is not needed"]
        : uses.SelectMany(static use => use switch
        {
            KernelUse kernel => Of(kernel),
            _ => throw new InvalidOperationException($"{use.GetType().Name} has no words"),
        });

    private static IEnumerable<string> Of(KernelUse use)
    {
        yield return use.IsOneLink
            ? "one link for many places (uprobe_multi)"
            : $"a perf event for each place; {use.UprobeMulti.Name}: "
                + (use.UprobeMulti.Present ? "not for one process before kernel 6.10" : use.UprobeMulti.Fallback);
        foreach (KernelFeature feature in use.Features)
            yield return feature.Present ? feature.Name : $"no {feature.Name} (kernel {feature.Since}): {feature.Fallback}";
        yield return $"{use.SharedBytes >> 10} KB of memory shared with programs, a ring of {use.RingBytes >> 10} KB";
    }
}
