using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// timer.profile and perf.*: events of the kernel's performance counters (perf_event_open(2)), which fire on every processor, in whatever
/// runs there.
/// </summary>
internal static class ProfileProbes
{
    private const uint TypeHardware = 0, TypeSoftware = 1;

    /// <summary>What SystemTap samples by where the script does not say.</summary>
    private const ulong DefaultSampling = 1_000_000;

    private const ulong CpuClock = 0;

    // In the order of enum perf_hw_id and enum perf_sw_ids.
    private static readonly string[] s_hardware =
    [
        "cpu_cycles", "instructions", "cache_references", "cache_misses", "branch_instructions", "branch_misses", "bus_cycles",
        "stalled_cycles_frontend", "stalled_cycles_backend", "ref_cpu_cycles",
    ];

    private static readonly string[] s_software =
    [
        "cpu_clock", "task_clock", "page_faults", "context_switches", "cpu_migrations", "page_faults_min", "page_faults_maj",
        "alignment_faults", "emulation_faults", "dummy",
    ];

    public static void AddTo(ProbeGrammar grammar, ProbeOptions options)
    {
        grammar.Add("timer.profile", point => Profile(point, (ulong)options.TicksPerSecond()));
        grammar.Add("timer.profile.tick", point => Profile(point, (ulong)options.TicksPerSecond()));
        grammar.Add("timer.profile.freq.hz(number)", point => Profile(point, (ulong)point.Components[^1].Number!.Value));
        Add(grammar, "perf.hw", TypeHardware, s_hardware);
        Add(grammar, "perf.sw", TypeSoftware, s_software);
        AddForms(grammar, "perf.type(number).config(number)", point =>
            ((uint)point.Components[1].Number!.Value, (ulong)point.Components[2].Number!.Value));
    }

    private static void Add(ProbeGrammar grammar, string family, uint type, string[] events)
    {
        for (int i = 0; i < events.Length; i++)
        {
            ulong config = (ulong)i;
            AddForms(grammar, $"{family}.{events[i]}", _ => (type, config));
        }
    }

    private static void AddForms(ProbeGrammar grammar, string form, Func<ProbePoint, (uint Type, ulong Config)> eventOf)
    {
        grammar.Add(form, point => Resolve(point, eventOf(point), DefaultSampling, isFrequency: false));
        foreach ((string suffix, bool isFrequency) in (ReadOnlySpan<(string, bool)>)[(".sample(number)", false), (".hz(number)", true)])
            grammar.Add(form + suffix, point => Resolve(point, eventOf(point), point.Components[^1].Number!.Value, isFrequency));
        foreach (string process in (ReadOnlySpan<string>)["process", "process(string)"])
        {
            grammar.Refuse(
                $"{form}.{process}",
                Refusals.NotYet("a perf event of one process", "probe the event, and compare pid() or execname() in the handler"));
            grammar.Refuse($"{form}.{process}.counter(string)", Refusals.NotYet("a counter that @perf reads"));
        }

        grammar.Refuse($"{form}.counter(string)", Refusals.NotYet("a counter that @perf reads"));
    }

    private static ProbeResolution Profile(ProbePoint point, ulong hertz) => Resolve(point, (TypeSoftware, CpuClock), (long)hertz, true);

    private static ProbeResolution Resolve(ProbePoint point, (uint Type, ulong Config) @event, ulong sampling, bool isFrequency) =>
        new([new SampleTarget(point.ToString(), new PerfEventHook(@event.Type, @event.Config, sampling, isFrequency))]);

    private static ProbeResolution Resolve(ProbePoint point, (uint Type, ulong Config) @event, long sampling, bool isFrequency) =>
        sampling <= 0
            ? new ProbeResolution([], isFrequency ? "frequency must be greater than 0" : "sample size must be greater than zero")
            : Resolve(point, @event, (ulong)sampling, isFrequency);
}
