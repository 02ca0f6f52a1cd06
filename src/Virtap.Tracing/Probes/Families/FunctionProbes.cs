using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Processes.Programs;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// process(...).function("name@file:line" or address) with .call, .return, .exported, .inline and .label: by debug information where a
/// program has some, else by its symbols.
/// </summary>
internal sealed class FunctionProbes(TargetPrograms programs)
{
    /// <summary>A pattern may name many programs; why the first few have no such function is enough.</summary>
    private const int MaxExplained = 3;

    /// <summary>SystemTap takes the function, whatever its line.</summary>
    private const string LineOfFunction = "For probing a particular line, use a .statement() probe, not .function()";

    private const string Call = "call", Return = "return", Exported = "exported", Inline = "inline", Label = "label";

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.Files)
        {
            foreach (string argument in (ReadOnlySpan<string>)["string", "number"])
            {
                string function = $"{process}.function({argument})";
                grammar.Add(function, Resolve);
                grammar.Add($"{function}.{Call}", Resolve);
                grammar.Add($"{function}.{Return}", Resolve);
                grammar.Add($"{function}.{Exported}", Resolve);
            }

            grammar.Add($"{process}.function(string).{Inline}", Resolve);
            grammar.Add($"{process}.function(string).{Label}(string)", Resolve);
            grammar.Add($"{process}.function(string).return.maxactive(number)", Resolve);
        }
    }

    private ProbeResolution Resolve(ProbePoint whole)
    {
        ProbePoint point = ProcessForms.InFile(whole);
        ProbePointComponent function = point.Components[1];
        FunctionPattern? pattern = null;
        if (function.Text is { } text)
        {
            pattern = FunctionPattern.Parse(text, out string? malformed);
            if (pattern is null)
                return new ProbeResolution([], malformed);
        }

        ProbeResolution resolution = programs.Resolve(
            whole,
            program => pattern is null ? AtAddress(program, point) : new Search(program, point, pattern).Targets(),
            found => NoMatch(whole, pattern, found));
        return pattern?.Lines is null || resolution.Targets.Count == 0
            ? resolution : resolution with { Warnings = [.. resolution.Warnings, LineOfFunction] };
    }

    private static string? KindOf(ProbePoint point) => point.Components.Count > 2 ? point.Components[2].Name : null;

    private static string SuffixOf(ProbePoint point) => string.Concat(point.Components.Skip(2).Select(static c => $".{c}"));

    private static IEnumerable<ProbeTarget> AtAddress(TargetProgram program, ProbePoint point)
    {
        (ProbedBinary binary, int? process, ExecutableFile? owner) = program;
        ulong address = (ulong)point.Components[1].Number!.Value;
        if (binary.Elf.FindSegment(address) is not { IsExecutable: true } || !binary.Elf.TryFileOffset(address, out ulong offset))
            yield break;
        string resolved = $"{program.Prefix}.function(0x{address:x}){SuffixOf(point)}";
        yield return new FunctionTarget(
            binary, resolved, binary.FunctionAt(address), address, offset, KindOf(point) == Return, process)
        {
            Owner = owner,
        };
    }

    private static ProbeResolution NoMatch(ProbePoint point, FunctionPattern? pattern, IReadOnlyList<TargetProgram> programs) =>
        pattern is null
            ? new([], "no match", "the address is not in the program's code; it is one that objdump shows, not one of a running process")
            : new(
                [],
                SimilarNames.NoMatch(point, "functions", pattern.Name, programs.SelectMany(static program => NamesOf(program.Binary))),
                string.Join("; ", programs.Take(MaxExplained).Select(program => Explain(program.Binary, pattern))));

    private static IEnumerable<string> NamesOf(ProbedBinary binary) =>
        binary.Functions.Names().Concat(binary.Debug?.FunctionNames() ?? []);

    /// <summary>Why a program has no such function.</summary>
    internal static string Explain(ProbedBinary binary, FunctionPattern pattern)
    {
        if (pattern.File is not null && binary.WithoutDebug is { } without)
            return $"source files are known from debug information only; {without}";
        return binary.Debug is null ? binary.Functions.Explain(new Glob(pattern.Name)) : $"{binary.Path} has no such function";
    }

    /// <summary>The cheapest place at which a function's arguments are where debug information says.</summary>
    internal static ulong AddressOf(ProbedBinary binary, DebugFunction function, ulong entry)
    {
        ulong body = function.BodyAddress ?? entry;
        if (function.IsInlined)
            return ProbeableInstruction.AtOrBehind(binary.Elf, body) ?? body;
        if (body == entry)
            return binary.Functions.At(entry) is { } symbol && symbol.Address == entry ? symbol.ProbeAddress : entry;
        return ProbeableInstruction.AtOrBehind(binary.Elf, body) ?? entry;
    }

    /// <summary>The functions of one program that a probe point means.</summary>
    private sealed class Search(TargetProgram program, ProbePoint point, FunctionPattern pattern)
    {
        private readonly ProbedBinary _binary = program.Binary;
        private readonly string? _kind = KindOf(point);
        private readonly string _suffix = SuffixOf(point);

        public IEnumerable<ProbeTarget> Targets()
        {
            List<ProbeTarget> targets = [.. Debugged()];
            if (pattern.File is not null || _kind is Inline or Label || (targets.Count > 0 && new Glob(pattern.Name).IsLiteral))
                return targets;
            HashSet<ulong> known = [
                .. targets.OfType<FunctionTarget>().Where(static target => target.Debug is not null)
                    .Select(static target => target.FunctionAddress)];
            return targets.Concat(Named(known));
        }

        private IEnumerable<ProbeTarget> Debugged()
        {
            if (_binary.Debug is not { } debug)
                yield break;
            HashSet<ulong> seen = [];
            foreach (DebugFunction function in debug.FindFunctions(new Glob(pattern.Name)))
            {
                if (!pattern.IsInFile(function))
                    continue;
                IReadOnlyList<DebugFunction> instances = function.HasCode ? [function]
                    : _kind is null or Inline ? debug.InstancesOf(function) : [];
                foreach (DebugFunction instance in instances.Where(IsWanted))
                {
                    foreach (ProbeTarget target in At(instance))
                    {
                        if (target is not CodeTarget code || seen.Add(code.Address))
                            yield return target;
                    }
                }
            }
        }

        private bool IsWanted(DebugFunction function) => _kind switch
        {
            Call or Return => !function.IsInlined,
            Inline => function.IsInlined,
            Exported => !function.IsInlined && function.IsExternal,
            _ => true,
        };

        private IEnumerable<ProbeTarget> At(DebugFunction function)
        {
            if (_kind == Label)
            {
                var label = new Glob(point.Components[2].Text!);
                foreach ((string name, ulong address, int line) in function.Labels())
                {
                    if (label.IsMatch(name) && Make(function, address, line, $".label(\"{name}\")") is { } target)
                        yield return target;
                }
            }
            else if (function.EntryAddress is ulong entry)
            {
                ulong address = _kind == Return ? entry : AddressOf(_binary, function, entry);
                if (Make(function, address, function.Line, _suffix) is { } target)
                    yield return target;
            }
        }

        private FunctionTarget? Make(DebugFunction function, ulong address, int line, string suffix, string? linkerName = null)
        {
            if (!_binary.Elf.TryFileOffset(address, out ulong offset))
                return null;
            bool isScoped = pattern.Name.Contains("::", StringComparison.Ordinal);
            string named = linkerName ?? (isScoped ? ScopedName.LastOf(function.FullName, pattern.Name) : function.Name);
            string resolved = $"{program.Prefix}.function(\"{named}@{function.File}:{line}\"){suffix}";
            return new FunctionTarget(_binary, resolved, function.Name, address, offset, _kind == Return, program.Process)
            {
                Debug = function,
                Owner = program.Owner,
            };
        }

        private IEnumerable<ProbeTarget> Named(HashSet<ulong> known)
        {
            foreach (Function each in _binary.Functions.Find(new Glob(pattern.Name)))
            {
                if (known.Contains(each.Address) || (_kind == Exported && !IsExported(_binary.Elf, each)))
                    continue;
                if (OfLinkerName(each) is { EntryAddress: ulong entry } function
                    && Make(function, _kind == Return ? entry : AddressOf(_binary, function, entry), function.Line, _suffix, each.Name)
                        is { } target)
                {
                    yield return target;
                    continue;
                }

                string name = $"{program.Prefix}.function(\"{each.Name}\"){_suffix}";
                yield return new FunctionTarget(
                    _binary, name, each.Name, each.ProbeAddress, each.ProbeFileOffset, _kind == Return, program.Process)
                {
                    Owner = program.Owner,
                };
            }
        }

        /// <summary>What debug information says of a function that was named as linkers name those of C++.</summary>
        private DebugFunction? OfLinkerName(Function symbol) => symbol.Name.StartsWith("_Z", StringComparison.Ordinal)
            && _binary.Debug?.FunctionsAt(symbol.Address) is [.., var outermost] && outermost.EntryAddress == symbol.Address
                ? outermost : null;

        private static bool IsExported(ElfFile elf, Function function) =>
            elf.DynamicSymbols.TryFind(function.Name, out ElfSymbol symbol) && symbol.IsDefined;
    }
}
