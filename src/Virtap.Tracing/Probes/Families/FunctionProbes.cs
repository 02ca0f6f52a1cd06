using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Binaries.Names;
using Virtap.Language.Binding;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>process(...).function("name" or address) with .call, .return and .exported, by the symbols of the file.</summary>
internal sealed class FunctionProbes(TargetPrograms programs)
{
    /// <summary>A pattern may name many programs; why the first few have no such function is enough.</summary>
    private const int MostExplained = 3;

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.All)
        {
            foreach (string argument in (ReadOnlySpan<string>)["string", "number"])
            {
                string function = $"{process}.function({argument})";
                grammar.Add(function, Resolve);
                grammar.Add(function + ".call", Resolve);
                grammar.Add(function + ".return", Resolve);
                grammar.Add(function + ".exported", Resolve);
            }

            grammar.Add($"{process}.function(string).inline", _ => new ProbeResolution([], "no match", "inlined functions are known from debuginfo only, which is not read yet"));
            grammar.Add($"{process}.function(string).label(string)", _ => Refusals.NotYet("a label in a function", "it takes debuginfo"));
            foreach (string callee in (ReadOnlySpan<string>)["callee(string)", "callee(string).call", "callee(string).return", "callees", "callees(number)"])
                grammar.Add($"{process}.function(string).{callee}", _ => Refusals.NotYet("a probe on the callees of a function", "it takes debuginfo"));
            grammar.Add($"{process}.function(string).return.maxactive(number)", Resolve);
        }
    }

    private ProbeResolution Resolve(ProbePoint point)
    {
        ProbePointComponent function = point.Components[1];
        if (function.Text is { } text && text.Contains('@', StringComparison.Ordinal))
            return Refusals.NotYet("a function by its source file", $"source files are known from debuginfo; function(\"{text[..text.IndexOf('@', StringComparison.Ordinal)]}\") needs none");
        IReadOnlyList<TargetProgram> found = programs.Find(point.Components[0], out ProbeResolution? problem);
        if (problem is not null)
            return problem;

        var targets = new List<ProbeTarget>();
        try
        {
            foreach (TargetProgram program in found)
                AddTargets(targets, program, point);
            return targets.Count > 0 ? new ProbeResolution(targets) : NoMatch(function, found);
        }
        catch (ElfFormatException e)
        {
            return new ProbeResolution([], e.Message);
        }
    }

    private static void AddTargets(List<ProbeTarget> targets, TargetProgram program, ProbePoint point)
    {
        (ProbedBinary binary, int process) = program;
        ProbePointComponent function = point.Components[1];
        string suffix = string.Concat(point.Components.Skip(2).Select(c => $".{c}"));
        string? kind = point.Components.Count > 2 ? point.Components[2].Name : null;
        if (function.Number is long number)
        {
            ulong address = (ulong)number;
            if (binary.Elf.FindSegment(address) is not { IsExecutable: true } || !binary.Elf.TryFileOffset(address, out ulong offset))
                return;
            string place = $"process(\"{binary.Path}\").function(0x{address:x}){suffix}";
            targets.Add(new FunctionTarget(binary, place, binary.FunctionAt(address), address, offset, kind == "return", process));
            return;
        }

        foreach (Function each in binary.Functions.Find(new Glob(function.Text!)))
        {
            if (kind == "exported" && !IsExported(binary.Elf, each))
                continue;
            string name = $"process(\"{binary.Path}\").function(\"{each.Name}\"){suffix}";
            targets.Add(new FunctionTarget(binary, name, each.Name, each.ProbeAddress, each.ProbeFileOffset, kind == "return", process));
        }
    }

    private static bool IsExported(ElfFile elf, Function function) => elf.DynamicSymbols.TryFind(function.Name, out ElfSymbol symbol) && symbol.IsDefined;

    private static ProbeResolution NoMatch(ProbePointComponent function, IReadOnlyList<TargetProgram> programs) => new(
        [],
        "no match",
        function.Text is { } name
            ? string.Join("; ", programs.Take(MostExplained).Select(p => p.Binary.Functions.Explain(new Glob(name))))
            : "the address is not in the program's code; it is one that objdump shows, not one of a running process");
}
