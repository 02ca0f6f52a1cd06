using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Names;

namespace Virtap.Binaries.Functions;

/// <summary>
/// The functions of a file that can be probed, from <c>.symtab</c>, or where that was stripped from <c>.dynsym</c>, which has the exported
/// ones alone.
/// Names for one address are one function. Entries of the procedure linkage table, and indirect functions (whose symbol is that of code
/// which runs once, to choose the function), are none.
/// </summary>
/// <param name="file">The file, which stays the caller's.</param>
public sealed class FunctionTable(ElfFile file)
{
    private readonly ElfSymbolTable _symbols = file.Symbols.Count > 0 ? file.Symbols : file.DynamicSymbols;

    /// <summary>Whether only exported functions are known.</summary>
    public bool IsStripped => file.Symbols.Count == 0;

    /// <summary>Finds functions by name.</summary>
    /// <param name="name">The name, with wildcards.</param>
    /// <returns>
    /// In order of address. Static functions of several source files may share a name: all of them. What was moved out of a function is
    /// none of its own, unless it is named without wildcards.
    /// </returns>
    public IReadOnlyList<Function> Find(Glob name)
    {
        var found = new SortedDictionary<ulong, Function>();
        foreach (ElfSymbol symbol in _symbols)
        {
            if (IsFunction(symbol) && !found.ContainsKey(symbol.Address) && name.IsMatch(NameOf(symbol))
                && (name.IsLiteral || !Function.IsMovedPart(NameOf(symbol))) && Make(symbol) is Function function)
                found.Add(symbol.Address, function);
        }

        return [.. found.Values];
    }

    /// <summary>Finds the function whose code holds an address; null where none is known.</summary>
    /// <param name="address">A link-time address.</param>
    public Function? At(ulong address)
        => _symbols.TryFindFunction(address, out ElfSymbol symbol) && IsFunction(symbol) ? Make(symbol) : null;

    /// <summary>Says, for people, why a name matches no function.</summary>
    /// <param name="name">A name for which <see cref="Find"/> gives nothing.</param>
    public string Explain(Glob name)
    {
        foreach (ElfSymbolTable table in (ReadOnlySpan<ElfSymbolTable>)[_symbols, file.DynamicSymbols])
        {
            foreach (ElfSymbol symbol in table)
            {
                if (symbol.Kind is not (ElfSymbolKind.Function or ElfSymbolKind.IndirectFunction) || !name.IsMatch(NameOf(symbol)))
                    continue;
                string text = Encoding.UTF8.GetString(NameOf(symbol));
                return symbol.IsDefined
                    ? $"{text} in {file} is an indirect function: which code it stands for is chosen when the program starts; probe that "
                        + "code by its own name"
                    : $"{text} is called by {file} but defined in a library; name the library in process(...)";
            }
        }

        return file.FindSection(".gnu_debugdata"u8) is not null
            ? $"{file} is stripped; only its exported functions are known (its .gnu_debugdata, which has more, is not supported yet)"
            : IsStripped ? $"{file} is stripped; only its exported functions are known" : $"{file} has no such function";
    }

    private static bool IsFunction(in ElfSymbol symbol) => symbol is { IsDefined: true, Kind: ElfSymbolKind.Function };

    /// <summary>The name without the version that linkers put behind it (<c>name@@VERSION</c>).</summary>
    private static ReadOnlySpan<byte> NameOf(in ElfSymbol symbol)
    {
        ReadOnlySpan<byte> name = symbol.NameUtf8;
        int version = name.IndexOf((byte)'@');
        return version > 0 ? name[..version] : name;
    }

    /// <summary>The names of its functions; of a stripped file also of those that it calls in libraries.</summary>
    public IReadOnlyList<string> Names()
    {
        List<string> names = [];
        foreach (ElfSymbol symbol in _symbols)
        {
            if (IsFunction(symbol) || (IsStripped && symbol.Kind == ElfSymbolKind.Function))
                names.Add(Encoding.UTF8.GetString(NameOf(symbol)));
        }

        return names;
    }

    private Function? Make(in ElfSymbol symbol)
    {
        if (file.FindSegment(symbol.Address) is not { IsExecutable: true })
            return null;
        ulong probe = FunctionEntry.ProbeAddress(file, symbol.Address, symbol.Size);
        return file.TryFileOffset(probe, out ulong offset)
            ? new Function(Encoding.UTF8.GetString(NameOf(symbol)), symbol.Address, symbol.Size, probe, offset)
            : null;
    }
}

/// <summary>A function of a file, and where to put a probe on its entry.</summary>
/// <param name="Name">Its name; of several for one address, the one that was asked for.</param>
/// <param name="Address">Link-time address of its first instruction.</param>
/// <param name="Size">Bytes of its code; 0 where nobody said.</param>
/// <param name="ProbeAddress">
/// Link-time address of the instruction to probe: the first, or the second where the first is <c>endbr64</c>, which uprobes would have to
/// single-step at many times the cost. Arguments and return address are in the same places there.
/// </param>
/// <param name="ProbeFileOffset">The same place as an offset into the file: what uprobes take.</param>
public sealed record Function(string Name, ulong Address, ulong Size, ulong ProbeAddress, ulong ProbeFileOffset)
{
    /// <summary>
    /// Whether a symbol names what a compiler moved out of a function because it seldom runs: <c>f.cold</c>, <c>f.cold.3</c>.
    /// </summary>
    internal static bool IsMovedPart(ReadOnlySpan<byte> name) =>
        name.IndexOf(".cold"u8) is > 0 and int at && (name[(at + 5)..].IsEmpty || name[at + 5] == '.');
}
