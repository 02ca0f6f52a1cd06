using Virtap.Language.Binding.Targets;
using Virtap.Processes.Programs;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// process(...).begin, .end, .thread.begin, .thread.end. Without an argument: every process, or with -x or -c those of the target's tree.
/// </summary>
internal sealed class ProcessEventProbes(TargetPrograms programs, ProbeOptions options)
{
    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.All)
        {
            grammar.Add($"{process}.begin", point => Resolve(point, ProcessEvent.Begin));
            grammar.Add($"{process}.end", point => Resolve(point, ProcessEvent.End));
            grammar.Add($"{process}.thread.begin", point => Resolve(point, ProcessEvent.ThreadBegin));
            grammar.Add($"{process}.thread.end", point => Resolve(point, ProcessEvent.ThreadEnd));
        }
    }

    private ProbeResolution Resolve(ProbePoint point, ProcessEvent @event)
    {
        ProbePointComponent process = point.Components[0];
        string rest = string.Concat(point.Components.Skip(1).Select(c => $".{c}"));
        if (process.IsBare)
        {
            return new ProbeResolution(
                [new ProcessEventTarget(point.ToString(), @event, new ProcessFilter(IsOfTarget: options.HasTarget))]);
        }

        IReadOnlyList<(ExecutableFile File, int? Process)> files = programs.FindFiles(process, out ProbeResolution? problem);
        return problem ?? new ProbeResolution([.. files.Select(found => found.Process is { } id
            ? new ProcessEventTarget($"process({id}){rest}", @event, new ProcessFilter(id))
            : new ProcessEventTarget($"process(\"{found.File.Path}\"){rest}", @event, new ProcessFilter(Executable: found.File)))]);
    }
}
