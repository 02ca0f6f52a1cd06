using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>timer.s(N) and its kin, with .randomize(M); timer.hz(N). Limits and words are SystemTap's.</summary>
internal static class TimerProbes
{
    private const long Second = 1_000_000_000, Day = 86_400 * Second;

    // What SystemTap's kernel timers take at least; this process keeps to it.
    private const long ShortestInterval = 100_000;

    public static void AddTo(ProbeGrammar grammar, ProbeOptions options)
    {
        Add(grammar, Second, "s", "sec");
        Add(grammar, 1_000_000, "ms", "msec");
        Add(grammar, 1_000, "us", "usec");
        Add(grammar, 1, "ns", "nsec");
        grammar.Add("timer.hz(number)", ResolveHertz);
        grammar.Add("timer.jiffies(number)", point => ResolveJiffies(point, options.TicksPerSecond()));
        grammar.Add("timer.jiffies(number).randomize(number)", point => ResolveJiffies(point, options.TicksPerSecond()));
    }

    private static void Add(ProbeGrammar grammar, long unit, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            grammar.Add($"timer.{name}(number)", point => Resolve(point, unit));
            grammar.Add($"timer.{name}(number).randomize(number)", point => Resolve(point, unit));
        }
    }

    private static ProbeResolution Resolve(ProbePoint point, long unit)
    {
        long count = point.Components[1].Number!.Value;
        long min = Math.Max(ShortestInterval / unit, 1), max = Day / unit;
        return count < min || count > max
            ? new ProbeResolution([], $"interval value out of range ({min}, {max})")
            : Finish(point, count, unit);
    }

    private static ProbeResolution ResolveJiffies(ProbePoint point, long ticksPerSecond)
    {
        long count = point.Components[1].Number!.Value;
        long jiffy = Second / ticksPerSecond;
        return count <= 0
            || count > Day / jiffy ? new ProbeResolution([], "invalid interval for jiffies timer") : Finish(point, count, jiffy);
    }

    private static ProbeResolution ResolveHertz(ProbePoint point)
    {
        long frequency = point.Components[1].Number!.Value;
        if (frequency <= 0)
            return new ProbeResolution([], "frequency must be greater than 0");
        long interval = Second / frequency;
        return interval < ShortestInterval
            ? new ProbeResolution([], $"interval value out of range ({ShortestInterval}, {Day})")
            : new ProbeResolution([new TimerTarget(point.ToString(), interval, 0)]);
    }

    private static ProbeResolution Finish(ProbePoint point, long count, long unit)
    {
        long randomization = point.Components.Count > 2 ? point.Components[2].Number!.Value : 0;
        return randomization < 0 || randomization > count
            ? new ProbeResolution([], "randomization value out of range")
            : new ProbeResolution([new TimerTarget(point.ToString(), count * unit, randomization * unit)]);
    }
}
