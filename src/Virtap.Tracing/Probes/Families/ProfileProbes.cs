using Virtap.Language.Binding.Targets;
using Virtap.Processes.Programs;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// timer.profile and perf.*: events of the kernel's performance counters (perf_event_open(2)), which fire on every processor, in whatever
/// runs there.
/// </summary>
internal sealed class ProfileProbes(TargetPrograms programs, ProbeOptions options)
{
    private const uint TypeHardware = 0, TypeSoftware = 1;

    /// <summary>What SystemTap samples by where the script does not say.</summary>
    private const ulong DefaultSampling = 1_000_000;

    private const ulong CpuClock = 0;

    private const string Sample = "sample", Hertz = "hz", Process = "process", Counter = "counter";

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

    public void AddTo(ProbeGrammar grammar)
    {
        grammar.Add("timer.profile", point => Profile(point, options.TicksPerSecond()));
        grammar.Add("timer.profile.tick", point => Profile(point, options.TicksPerSecond()));
        grammar.Add("timer.profile.freq.hz(number)", point => Profile(point, point.Components[^1].Number!.Value));
        Add(grammar, "perf.hw", TypeHardware, s_hardware);
        Add(grammar, "perf.sw", TypeSoftware, s_software);
        AddForms(grammar, "perf.type(number).config(number)", point =>
            ((uint)point.Components[1].Number!.Value, (ulong)point.Components[2].Number!.Value));
    }

    private void Add(ProbeGrammar grammar, string family, uint type, string[] events)
    {
        for (int i = 0; i < events.Length; i++)
        {
            ulong config = (ulong)i;
            AddForms(grammar, $"{family}.{events[i]}", _ => (type, config));
        }
    }

    private void AddForms(ProbeGrammar grammar, string form, Func<ProbePoint, (uint Type, ulong Config)> eventOf)
    {
        foreach (string suffix in (ReadOnlySpan<string>)["", $".{Sample}(number)", $".{Hertz}(number)"])
        {
            grammar.Add(form + suffix, point => Resolve(point, eventOf(point)));
            grammar.Add($"{form}{suffix}.{Process}", point => Resolve(point, eventOf(point)));
            grammar.Add($"{form}{suffix}.{Process}(string)", point => Resolve(point, eventOf(point)));
        }

        foreach (string process in (ReadOnlySpan<string>)["", $".{Process}", $".{Process}(string)"])
            grammar.Add($"{form}{process}.{Counter}(string)", point => Resolve(point, eventOf(point)));
    }

    private ProbeResolution Resolve(ProbePoint point, (uint Type, ulong Config) @event)
    {
        ProbePointComponent? sampling = point.Components.FirstOrDefault(static each => each.Name is Sample or Hertz);
        bool isFrequency = sampling?.Name == Hertz;
        if (sampling?.Number <= 0)
            return new ProbeResolution([], isFrequency ? "frequency must be greater than 0" : "sample size must be greater than zero");
        var hook = new PerfEventHook(@event.Type, @event.Config, (ulong?)sampling?.Number ?? DefaultSampling, isFrequency);
        string? counter = point.Components[^1] is { Name: Counter, Text: var name } ? name : null;
        if (point.Components.FirstOrDefault(static each => each.Name == Process) is not { } process)
            return Of((ProcessFilter?)null);
        if (process.IsBare && !options.HasTarget)
            return new ProbeResolution([], "a perf event of a process needs its path, or -c COMMAND or -x PID");
        if (process.IsBare)
            return Of(new ProcessFilter(IsOfTarget: true));
        IReadOnlyList<(ExecutableFile File, int? Process)> files = programs.FindFiles(process, out ProbeResolution? problem);
        // What a counter counts of a thread is the same whichever program it runs.
        return problem ?? Of([.. files.Take(counter is null ? files.Count : 1).Select(found => new ProcessFilter(Executable: found.File))]);

        ProbeResolution Of(params IEnumerable<ProcessFilter?> filters) =>
            new([.. filters.Select(filter => new SampleTarget(point.ToString(), hook, filter, counter))]);
    }

    private static ProbeResolution Profile(ProbePoint point, long hertz) => hertz <= 0
        ? new ProbeResolution([], "frequency must be greater than 0")
        : new ProbeResolution([new SampleTarget(
            point.ToString(), new PerfEventHook(TypeSoftware, CpuClock, (ulong)hertz, IsFrequency: true))]);
}
