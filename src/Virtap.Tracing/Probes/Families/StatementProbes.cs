using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Processes.Programs;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>process(...).statement("function@file:lines" or address), with .nearest.</summary>
internal sealed class StatementProbes(TargetPrograms programs)
{
    private const string Nearest = "nearest", Absolute = "absolute";

    private const string NotProbeable = "the address is not one of an instruction in the program's code that takes a probe";

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.Files)
        {
            foreach (string argument in (ReadOnlySpan<string>)["string", "number"])
            {
                grammar.Add($"{process}.statement({argument})", Resolve);
                grammar.Add($"{process}.statement({argument}).{Nearest}", Resolve);
            }
        }

        grammar.Add($"process(number).statement(number).{Absolute}", ResolveAbsolute);
        grammar.Add($"process.statement(number).{Absolute}", ResolveAbsolute);
    }

    private ProbeResolution Resolve(ProbePoint whole)
    {
        ProbePoint point = ProcessForms.InFile(whole);
        FunctionPattern? pattern = null;
        if (point.Components[1].Text is { } text)
        {
            pattern = FunctionPattern.Parse(text, out string? malformed);
            if (pattern is null)
                return new ProbeResolution([], malformed);
        }

        return programs.Resolve(
            whole,
            program => pattern is null ? AtAddress(program, point)
                : pattern.Lines is null ? AtEntries(program, point, pattern) : AtLines(program, point, pattern),
            found => NoMatch(pattern, found));
    }

    /// <summary>An address as a running process has it: that of an instruction of a file that it has mapped.</summary>
    private ProbeResolution ResolveAbsolute(ProbePoint point)
    {
        IReadOnlyList<(ExecutableFile File, int? Process)> found = programs.FindFiles(point.Components[0], out ProbeResolution? problem);
        if (problem is not null)
            return problem;
        if (found is not [{ Process: int id }])
            return new ProbeResolution([], "an absolute address is one of a running process: process(PID), or -x PID");
        ulong address = (ulong)point.Components[1].Number!.Value;
        if (programs.FindMapped(id, address) is not (var binary, var offset))
            return new ProbeResolution([], "no match", $"0x{address:x} is not in code that process {id} has from a file")
            {
                Span = point.Components[1].Span,
            };
        if (!binary.Elf.TryAddress(offset, out ulong linked) || !ProbeableInstruction.Is(binary.Elf, linked))
            return new ProbeResolution([], "no match", NotProbeable);
        string resolved = $"process({id}).statement(0x{address:x}).{Absolute}";
        return new ProbeResolution([new StatementTarget(binary, resolved, binary.FunctionAt(linked), linked, offset, id, null)]);
    }

    private static IEnumerable<ProbeTarget> AtAddress(TargetProgram program, ProbePoint point)
    {
        (ProbedBinary binary, int? process, ExecutableFile? owner) = program;
        ulong address = (ulong)point.Components[1].Number!.Value;
        string suffix = point.Components.Count > 2 ? "." + Nearest : "";
        if (suffix.Length > 0 && binary.Debug?.StatementNear(address) is ulong near)
            address = near;
        if (binary.Elf.FindSegment(address) is { IsExecutable: true } && ProbeableInstruction.Is(binary.Elf, address)
            && binary.Elf.TryFileOffset(address, out ulong offset))
            yield return new StatementTarget(
                binary, $"{program.Prefix}.statement(0x{address:x}){suffix}", binary.FunctionAt(address), address, offset, process, null)
            {
                Owner = owner,
            };
    }

    private static IEnumerable<ProbeTarget> AtLines(TargetProgram program, ProbePoint point, FunctionPattern pattern)
    {
        (ProbedBinary binary, int? process, ExecutableFile? owner) = program;
        if (binary.Debug is not { } debug)
            yield break;
        var name = new Glob(pattern.Name);
        string suffix = point.Components.Count > 2 ? "." + Nearest : "";
        HashSet<ulong> seen = [];
        foreach (DebugStatement statement in Find(debug, name, pattern, isNearest: suffix.Length > 0))
        {
            ulong address = ProbeableInstruction.AtOrBehind(binary.Elf, statement.Address) ?? 0;
            if (!seen.Add(address) || !binary.Elf.TryFileOffset(address, out ulong offset))
                continue;
            string resolved = $"{program.Prefix}.statement(\"{statement.Function.Name}@{statement.Source}\"){suffix}";
            yield return new StatementTarget(
                binary, resolved, statement.Function.Name, address, offset, process, statement.Function)
            {
                Owner = owner,
            };
        }
    }

    /// <summary>Where no line is named, a function's first instruction is meant.</summary>
    private static IEnumerable<ProbeTarget> AtEntries(TargetProgram program, ProbePoint point, FunctionPattern pattern)
    {
        (ProbedBinary binary, int? process, ExecutableFile? owner) = program;
        string suffix = point.Components.Count > 2 ? "." + Nearest : "";
        HashSet<ulong> seen = [];
        foreach (DebugFunction function in binary.Debug?.FindFunctions(new Glob(pattern.Name)) ?? [])
        {
            if (!pattern.IsMeant(function) || function.EntryAddress is not ulong entry
                || ProbeableInstruction.AtOrBehind(binary.Elf, entry) is not ulong address || !seen.Add(address)
                || !binary.Elf.TryFileOffset(address, out ulong offset))
                continue;
            string resolved = $"{program.Prefix}.statement(\"{function.Name}@{function.File}:{function.Line}\"){suffix}";
            yield return new StatementTarget(binary, resolved, function.Name, address, offset, process, function) { Owner = owner };
        }
    }

    private static IEnumerable<DebugStatement> Find(DebugInfo debug, Glob name, FunctionPattern pattern, bool isNearest)
    {
        List<DebugStatement> found = [
            .. debug.FindStatements(pattern.File!, name.IsMatch, (line, own) => pattern.Lines?.Has(line, own) ?? (line == own))];
        if (found.Count > 0 || !isNearest || pattern.Lines is not { Single: int wanted, IsRelative: false })
            return found;
        List<DebugStatement> all = [.. debug.FindStatements(pattern.File!, name.IsMatch, static (_, _) => true)];
        int? nearest = all.OrderBy(each => (Math.Abs(each.Source.Line - wanted), -each.Source.Line)).FirstOrDefault()?.Source.Line;
        return all.Where(each => each.Source.Line == nearest);
    }

    private static ProbeResolution NoMatch(FunctionPattern? pattern, IReadOnlyList<TargetProgram> programs)
    {
        if (pattern is null)
            return new ProbeResolution([], "no match", NotProbeable);
        foreach ((ProbedBinary binary, _, _) in programs)
        {
            if (binary.WithoutDebug is { } without)
                return new ProbeResolution([], "no match", $"source lines are known from debug information only; {without}");
            if (pattern.Lines is { Single: int wanted, IsRelative: false } && binary.Debug is { } debug)
            {
                List<DebugStatement> statements = [
                    .. debug.FindStatements(pattern.File!, new Glob(pattern.Name).IsMatch, static (_, _) => true)];
                List<int> lines = [.. statements.Select(static each => each.Source.Line).Distinct().Order()];
                IEnumerable<string> near = ((int?[])[
                    lines.FindLast(line => line < wanted) is > 0 and int before ? before : null,
                    lines.Find(line => line > wanted) is > 0 and int behind ? behind : null])
                    .OfType<int>().Select(static line => $":{line}");
                if (lines.Count > 0)
                    return new ProbeResolution(
                        [],
                        $"no line records for {statements[0].Source.File}:{wanted} [man error::dwarf] (try {string.Join(" or ", near)})",
                        ".nearest takes the nearest line that has code");
            }
        }

        return new ProbeResolution([], "no match", $"no function of {pattern.File} that is meant has code there");
    }
}
