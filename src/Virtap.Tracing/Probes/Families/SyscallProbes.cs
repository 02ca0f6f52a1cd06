using Virtap.Binaries;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;
using Virtap.Processes.Programs;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// process(...).syscall and its return; and __syscall("NAME=ALIAS"), which the tapset's syscall.NAME are made of. All are the kernel's
/// trace points of every system call, filtered where they fire.
/// </summary>
internal sealed class SyscallProbes(TargetPrograms programs, ProbeOptions options)
{
    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.All)
        {
            grammar.Add($"{process}.syscall", ResolveOfProcess);
            grammar.Add($"{process}.syscall.return", ResolveOfProcess);
        }

        grammar.AddInner("__syscall(string)", ResolveNamed);
        grammar.AddInner("__syscall(string).return", ResolveNamed);
    }

    private ProbeResolution ResolveOfProcess(ProbePoint point)
    {
        bool atReturn = point.Components[^1].Name == "return";
        ProbePointComponent process = point.Components[0];
        if (process.IsBare)
            return new ProbeResolution([Every(point.ToString(), new ProcessFilter(IsOfTarget: options.HasTarget))]);

        string rest = string.Concat(point.Components.Skip(1).Select(c => $".{c}"));
        IReadOnlyList<(ExecutableFile File, int? Process)> files = programs.FindFiles(process, out ProbeResolution? problem);
        return problem ?? new ProbeResolution([.. files.Select(found => found.Process is { } id
            ? Every($"process({id}){rest}", new ProcessFilter(id))
            : Every($"process(\"{found.File.Path}\"){rest}", new ProcessFilter(Executable: found.File)))]);

        SyscallTarget Every(string resolved, ProcessFilter filter) => new(resolved, null, null, null, atReturn, filter);
    }

    private static ProbeResolution ResolveNamed(ProbePoint point)
    {
        // The kernel's name, and the one that scripts know it by.
        string[] names = point.Components[0].Text!.Split('=', 2);
        string name = names[0];
        bool atReturn = point.Components.Count > 1;
        Syscall? call = SyscallTable.All.FirstOrDefault(each => each.Name == name);
        int? number = HostArchitecture.Current == Architecture.Arm64 ? call?.Arm64 : call?.X64;
        return number is null
            ? new ProbeResolution([], $"this processor's kernel has no system call '{name}'")
            : new ProbeResolution(
            [
                new SyscallTarget(
                    $"syscall.{name}{(atReturn ? ".return" : "")}", name, names[^1], number, atReturn, ProcessFilter.Everyone),
            ]);
    }
}
