namespace Virtap.Binaries.Elf;

/// <summary>The addresses that names in assembler text stand for. Each name is sought once.</summary>
internal sealed class ImageSymbols(ElfFile file)
{
    private readonly Dictionary<string, (ulong? Address, string? Reason)> _known = [];

    /// <summary>Finds the link-time address of a name that this file defines.</summary>
    /// <param name="name">The symbol.</param>
    /// <param name="reason">Why there is none, for people.</param>
    public ulong? Resolve(string name, out string? reason)
    {
        if (!_known.TryGetValue(name, out (ulong? Address, string? Reason) known))
            _known[name] = known = Find(name);
        reason = known.Reason;
        return known.Address;
    }

    private (ulong? Address, string? Reason) Find(string name)
    {
        ElfSymbolTable symbols = file.Symbols.Count > 0 ? file.Symbols : file.DynamicSymbols;
        if (!symbols.TryFind(name, out ElfSymbol symbol) || !symbol.IsDefined)
            return (null, $"the symbol {name} is not in the file{(file.Symbols.Count > 0 ? "" : ", which is stripped")}");
        if (symbol.Kind == ElfSymbolKind.ThreadLocal)
            return (null, $"{name} lies in thread-local storage, which is not supported yet");

        // Static variables of several source files may share a name; which one is meant, the text does not say.
        return symbols.IsAmbiguous(symbol) ? (null, $"the file has several symbols named {name}") : (symbol.Address, null);
    }
}
