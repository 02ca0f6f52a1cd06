using System.Numerics;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Elf;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// process.data(ADDRESS | "VARIABLE")[.length(BYTES)].write and .rw, of the target of -c or -x, or of a process named by its id. An
/// address is one of the running process; a variable is one of its program.
/// </summary>
internal sealed class WatchpointProbes(TargetPrograms programs)
{
    private const string Data = "data", Length = "length", Write = "write", ReadWrite = "rw";

    /// <summary>What the processors watch at once, at most.</summary>
    private const int MaxLength = 8;

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string argument in (ReadOnlySpan<string>)["number", "string"])
        {
            foreach (string length in (ReadOnlySpan<string>)["", $".{Length}(number)"])
            {
                foreach (string kind in (ReadOnlySpan<string>)[Write, ReadWrite])
                {
                    string form = $"{Data}({argument}){length}.{kind}";
                    grammar.Add($"process.{form}", Resolve);
                    grammar.Add($"process(number).{form}", Resolve);
                    grammar.Refuse($"process(string).{form}", new ProbeResolution(
                        [], "a watchpoint is of one process, and not of all that run a program",
                        "process.data of the target of -x PID or -c COMMAND, or process(PID).data", IsRefusal: true));
                }
            }
        }
    }

    private ProbeResolution Resolve(ProbePoint point)
    {
        ProbePointComponent data = point.Components[1];
        long length = point.Components[2] is { Name: Length, Number: long bytes } ? bytes : 1;
        if (length is < 1 or > MaxLength)
            return new ProbeResolution([], $"a watchpoint is of 1 to {MaxLength} bytes, not of {length}");
        // As SystemTap has it: the next that the processor knows.
        int width = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        bool alsoRead = point.Components[^1].Name == ReadWrite;
        int? process = (int?)point.Components[0].Number;
        string? reason = null;
        return programs.Resolve(point, Find, files => new ProbeResolution(
            [], reason ?? $"there is no variable '{data.Text}' in {files[0].Binary.Path}", files[0].Binary.WithoutDebug));

        IEnumerable<ProbeTarget> Find(TargetProgram program)
        {
            ulong? address = (ulong?)data.Number ?? AddressOf(program.Binary, data.Text!, out reason);
            if (address is null)
                yield break;
            var hook = new WatchpointHook(process, address.Value, data.Number is null ? program.Binary : null, width, alsoRead);
            yield return new WatchpointTarget(point.ToString(), hook, program.Binary);
        }
    }

    /// <summary>Where a program has a variable at link time: by its symbols, else by its debug information.</summary>
    private static ulong? AddressOf(ProbedBinary program, string name, out string? reason)
    {
        reason = null;
        foreach (ElfSymbolTable table in (ReadOnlySpan<ElfSymbolTable>)[program.Elf.Symbols, program.Elf.DynamicSymbols])
        {
            if (!table.TryFind(name, out ElfSymbol symbol) || !symbol.IsDefined)
                continue;
            reason = symbol.Kind switch
            {
                ElfSymbolKind.ThreadLocal => $"'{name}' lies in thread-local storage: each thread has another one",
                ElfSymbolKind.Function or ElfSymbolKind.IndirectFunction => $"'{name}' is a function of {program.Path}, no variable",
                _ when table.IsAmbiguous(symbol) => $"{program.Path} has several variables named '{name}'",
                _ => null,
            };
            return reason is null ? symbol.Address : null;
        }

        return program.Debug?.FindGlobal(name)?.Location is MemoryLocation { Address: ImageAddress place } ? place.Address : null;
    }
}
