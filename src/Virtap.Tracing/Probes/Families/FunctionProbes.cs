using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Machine;
using Virtap.Binaries.Names;
using Virtap.Language.Binding;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>process(...).function("name" or address) with .call, .return and .exported, by the symbols of the file.</summary>
internal sealed class FunctionProbes(TargetPrograms programs)
{
    private const int MostAlternatives = 5;

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

        string suffix = string.Concat(point.Components.Skip(2).Select(c => $".{c}"));
        bool atReturn = point.Components.Count > 2 && point.Components[2].Name == "return";
        bool exportedOnly = point.Components.Count > 2 && point.Components[2].Name == "exported";
        var targets = new List<ProbeTarget>();
        try
        {
            foreach ((ProbedBinary binary, int process) in found)
            {
                IEnumerable<(string? Name, ulong Address)> places = function.Number is long address
                    ? [(binary.FunctionAt((ulong)address), (ulong)address)]
                    : Symbols(binary.Elf, new Glob(function.Text!), exportedOnly);
                foreach ((string? name, ulong at) in places)
                {
                    ulong probed = function.Text is null ? at : BehindLandingPad(binary.Elf, at);
                    if (!IsCode(binary.Elf, probed) || !binary.Elf.TryFileOffset(probed, out ulong offset))
                        continue;
                    string what = function.Text is null ? $"0x{at:x}" : $"\"{name}\"";
                    targets.Add(new FunctionTarget(
                        binary, $"process(\"{binary.Path}\").function({what}){suffix}", name, probed, offset, atReturn, process));
                }
            }
        }
        catch (ElfFormatException e)
        {
            return new ProbeResolution([], e.Message);
        }

        return targets.Count > 0 ? new ProbeResolution(targets) : NoMatch(function, found);
    }

    /// <summary>The functions that a pattern means, by address; of several names for one place the first.</summary>
    private static List<(string? Name, ulong Address)> Symbols(ElfFile elf, Glob pattern, bool exportedOnly)
    {
        var functions = new SortedDictionary<ulong, string>();
        ElfSymbolTable symbols = exportedOnly || elf.Symbols.Count == 0 ? elf.DynamicSymbols : elf.Symbols;
        foreach (ElfSymbol symbol in symbols)
        {
            if (symbol is { IsDefined: true, Kind: ElfSymbolKind.Function } && pattern.IsMatch(symbol.NameUtf8))
                functions.TryAdd(symbol.Address, symbol.Name);
        }

        return [.. functions.Select(f => ((string?)f.Value, f.Key))];
    }

    private static bool IsCode(ElfFile elf, ulong address) => elf.FindSegment(address) is { IsExecutable: true };

    /// <summary>
    /// A function built for control-flow enforcement starts with <c>endbr64</c>, which a uprobe can only single-step. Where a <c>push</c> follows, which the kernel
    /// emulates at a third of the cost (a tenth on virtual machines), the probe goes there: stack and argument registers are still as at the entry.
    /// </summary>
    private static ulong BehindLandingPad(ElfFile elf, ulong address)
    {
        if (elf.Architecture != Architecture.X64)
            return address;
        ReadOnlySpan<byte> code = elf.BytesAt(address, 6);
        if (code.Length < 6 || !code.StartsWith((ReadOnlySpan<byte>)[0xf3, 0x0f, 0x1e, 0xfa]))
            return address;
        bool isPush = code[4] is >= 0x50 and <= 0x57 || (code[4] == 0x41 && code[5] is >= 0x50 and <= 0x57);
        return isPush ? address + 4 : address;
    }

    private static ProbeResolution NoMatch(ProbePointComponent function, IReadOnlyList<TargetProgram> programs)
    {
        if (function.Text is not { } wanted)
            return new ProbeResolution([], "no match", "the address is not in the program's code; it is the one that objdump shows, not one of a running process");
        var names = new SortedSet<(int Distance, string Name)>();
        bool isStripped = true;
        foreach ((ProbedBinary binary, _) in programs)
        {
            ElfSymbolTable symbols = binary.Elf.Symbols.Count == 0 ? binary.Elf.DynamicSymbols : binary.Elf.Symbols;
            isStripped &= binary.Elf.Symbols.Count == 0;
            foreach (ElfSymbol symbol in symbols)
            {
                if (symbol is not { IsDefined: true, Kind: ElfSymbolKind.Function })
                    continue;
                string name = Encoding.UTF8.GetString(symbol.NameUtf8);
                names.Add((EditDistance.Between(name, wanted), name));
                if (names.Count > MostAlternatives)
                    names.Remove(names.Max);
            }
        }

        string similar = names.Count == 0 ? "" : $" (similar functions: {string.Join(", ", names.Select(n => n.Name))})";
        return new ProbeResolution([], "no match" + similar, isStripped ? "the program is stripped: only functions that it exports have names" : null);
    }
}
