using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Processes.Programs;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// process(...).plt("glob") and its return: calls of other files' functions, where they leave the program. <c>.plt</c> stands for all.
/// </summary>
internal sealed class LinkageProbes(TargetPrograms programs)
{
    private const string Return = "return";

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.Files)
        {
            foreach (string plt in (ReadOnlySpan<string>)["plt", "plt(string)"])
            {
                grammar.Add($"{process}.{plt}", Resolve);
                grammar.Add($"{process}.{plt}.{Return}", Resolve);
            }
        }
    }

    private ProbeResolution Resolve(ProbePoint whole)
    {
        ProbePoint point = ProcessForms.InFile(whole);
        string name = point.Components[1].Text ?? "*";
        bool atReturn = point.Components[^1].Name == Return;
        return programs.Resolve(whole, program => Targets(program, new Glob(name), atReturn), found => NoMatch(whole, name, found));
    }

    private static IEnumerable<ProbeTarget> Targets(TargetProgram program, Glob name, bool atReturn)
    {
        (ProbedBinary binary, int? process, ExecutableFile? owner) = program;
        foreach (LinkageEntry entry in binary.LinkageTable)
        {
            // A return is found on the stack when the entry's first instruction runs; none of an entry's moves the stack pointer.
            if (name.IsMatch(entry.Name) && binary.Elf.TryFileOffset(entry.ProbeAddress, out ulong offset))
            {
                string point = $"{program.Prefix}.plt(\"{entry.Name}\"){(atReturn ? $".{Return}" : "")}";
                yield return new FunctionTarget(binary, point, entry.Name, entry.ProbeAddress, offset, atReturn, process)
                {
                    LinkageName = entry.Name,
                    Owner = owner,
                };
            }
        }
    }

    private static ProbeResolution NoMatch(ProbePoint point, string name, IReadOnlyList<TargetProgram> programs)
    {
        IEnumerable<string> names = programs.SelectMany(static program => program.Binary.LinkageTable).Select(static entry => entry.Name);
        return new ProbeResolution([], SimilarNames.NoMatch(point, "functions", name, names));
    }
}
