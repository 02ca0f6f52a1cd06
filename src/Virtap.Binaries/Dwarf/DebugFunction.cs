using System.Text;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Dwarf.Lines;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Dwarf;

/// <summary>
/// A function of a source file: with code of its own, or at a place where it is inlined; or one that is only inlined, and has no code
/// here.
/// </summary>
public sealed class DebugFunction
{
    private const int MaxNested = 64;

    private readonly DebugInfo _info;

    internal DebugFunction(DebugInfo info, DwarfEntry entry, DwarfEntry container)
    {
        (_info, Entry, Container) = (info, entry, container);
    }

    /// <summary>Its name in the source.</summary>
    public string Name => field ??= Encoding.UTF8.GetString(NameIndex.NameOf(Entry));

    /// <summary>The source file that declares it, as SystemTap prints its name; empty where nobody says.</summary>
    public string File => field ??= Declaration is var (lines, number) ? lines.NameOf(number) : "";

    /// <summary>The whole path of the source file that declares it, as the compiler knew it; empty where nobody says.</summary>
    public string Path => field ??= Declaration is var (lines, number) ? lines.PathOf(number) : "";

    /// <summary>The line that declares it; 0 where nobody says.</summary>
    public int Line => (int)Math.Clamp(Declared(DwarfAttribute.DeclarationLine)?.Constant ?? 0, 0, int.MaxValue);

    /// <summary>Whether other files can call it.</summary>
    public bool IsExternal => Entry.FindInherited(DwarfAttribute.External) is { IsTrue: true };

    /// <summary>Where its entry lies in the section of its unit.</summary>
    public int EntryOffset => Entry.Offset;

    /// <summary>Whether this is a place at which it is inlined.</summary>
    public bool IsInlined => Entry.Tag == DwarfTag.InlinedSubroutine;

    /// <summary>Where the function that it is inlined in calls it; null for one that is not inlined, and where nobody says.</summary>
    public SourceLine? CallSite => IsInlined && Entry.Find(DwarfAttribute.CallFile)?.Constant is >= 0 and <= int.MaxValue and long file
        && Entry.Find(DwarfAttribute.CallLine)?.Constant is >= 0 and <= int.MaxValue and long line
            ? new SourceLine(_info.LinesOf(Entry.Unit).PathOf((int)file), (int)line) : null;

    /// <summary>Whether it has code: its own, or what was inlined here.</summary>
    public bool HasCode => EntryAddress is not null;

    /// <summary>Link-time address of its first instruction; null where it has none.</summary>
    public ulong? EntryAddress => RangeLists.EntryOf(Entry) is > 0 and ulong address ? address : null;

    /// <summary>The addresses of its code.</summary>
    public IReadOnlyList<AddressRange> Ranges => field ??= RangeLists.Of(Entry);

    /// <summary>Whether code of it begins at an address.</summary>
    public bool BeginsAt(ulong address) =>
        Ranges.Any(range => range.Contains(address)) && !Ranges.Any(range => range.Contains(address - 1));

    /// <summary>What it returns; void where it returns nothing.</summary>
    public CType Result => _info.Types.TypeOf(Entry);

    /// <summary>Its type: what it takes and returns.</summary>
    public FunctionType Type => (FunctionType)_info.Types.Read(Entry);

    /// <summary>Its name with those of the namespaces and classes that it belongs to.</summary>
    public string FullName => ScopeNames.Qualify(Entry);

    /// <summary>The name that debuggers show: in C the one that linkers know, where it is another than the source's.</summary>
    public string SymbolName =>
        !IsCPlusPlus && Declared(DwarfAttribute.LinkageName) is { Text: { Length: > 0 } linked } ? linked : FullName;

    /// <summary>Whether it was written in C++, where several functions may share a name.</summary>
    public bool IsCPlusPlus => Entry.Unit.IsCPlusPlus;

    /// <summary>The file that was compiled, which may include the one that declares it.</summary>
    public string Unit => Container.Unit.Name;

    /// <summary>The function whose code it is inlined in; itself where it is not.</summary>
    public DebugFunction Outer => new(_info, Container, Container);

    internal DwarfEntry Entry { get; }

    internal DwarfEntry Container { get; }

    /// <summary>
    /// Where a probe on its entry finds the parameters: at the entry where compilers say for each address where they are (they do where
    /// they optimize), else behind the code that puts them into their places. Null where it has no code.
    /// </summary>
    public ulong? BodyAddress => field ??= FindBody();

    /// <summary>
    /// Where debuggers put a breakpoint on it: at its entry where GCC has optimized its file, and says at each address where variables are,
    /// or where it keeps no frame pointer (x86-64); else behind the prologue, for code of LLVM's in any case. Null where it has no code.
    /// </summary>
    public ulong? BreakAddress => EntryAddress is ulong entry && !IsInlined && (DebugInfo.IsOfLlvm(Container.Unit)
        || (!_info.HasLocationLists(Container.Unit) && _info.MayKeepFramePointer(entry))) ? BehindPrologue(entry) : EntryAddress;

    /// <summary>The variables that a thread has that has arrived at an address, inner ones first; several may share a name.</summary>
    /// <param name="address">Link-time address in its code.</param>
    /// <param name="values">What is known of the thread's frame; null for nothing.</param>
    public IReadOnlyList<DebugVariable> VariablesAt(ulong address, IFrameValues? values = null)
    {
        List<DwarfEntry> found = [];
        Collect(Entry, found, address, 0);
        LocationReader reader = ReaderAt(address, values);
        List<DebugVariable> variables = [];
        foreach (DwarfEntry entry in found)
        {
            if (Variable(entry, reader, values) is { } variable)
                variables.Add(variable);
        }

        return variables;
    }

    /// <summary>
    /// The register that a parameter is in when the function is called, by its number in DWARF; null where it is in none.
    /// </summary>
    public int? EntryRegisterOf(DebugVariable parameter) => !IsInlined && EntryAddress is ulong entry
        && VariablesAt(entry).FirstOrDefault(each => each.IsParameter && each.Name == parameter.Name)?.Location is ValueLocation
            { Value: RegisterValue held } ? held.Register.DwarfNumber : null;

    /// <summary>Its variables by the blocks that hold an address, inner ones first; each block's in the order of the source.</summary>
    /// <param name="address">Link-time address in its code.</param>
    /// <param name="values">What is known of the thread's frame; null for nothing.</param>
    public IReadOnlyList<IReadOnlyList<DebugVariable>> BlocksAt(ulong address, IFrameValues? values = null)
    {
        LocationReader reader = ReaderAt(address, values);
        List<IReadOnlyList<DebugVariable>> blocks = [];
        DwarfEntry? block = Entry;
        for (int depth = 0; block is { } entry && depth < MaxNested; depth++)
        {
            List<DebugVariable> variables = [];
            block = null;
            foreach (DwarfEntry own in VariablesOf(entry))
            {
                if (Variable(own, reader, values) is { } variable)
                    variables.Add(variable);
            }

            foreach (DwarfEntry child in entry.Children)
            {
                if (child.Tag == DwarfTag.LexicalBlock && DebugInfo.Holds(child, address))
                    block ??= child;
            }

            blocks.Insert(0, variables);
        }

        return blocks;
    }

    /// <summary>
    /// The variable that a name means at an address: of the innermost block, else of the function's file, else of another.
    /// </summary>
    public DebugVariable? Find(string name, ulong address)
    {
        // Inner blocks come last in what is collected.
        DebugVariable? found = VariablesAt(address).LastOrDefault(variable => variable.Name == name);
        return found ?? FindOutside(name);
    }

    /// <summary>A static variable of it, wherever in its blocks; null where it has none of this name.</summary>
    public DebugVariable? FindStatic(string name)
    {
        var reader = new LocationReader(_info.Architecture, null, null, 0);
        foreach (DwarfEntry root in (ReadOnlySpan<DwarfEntry>)[Entry, Entry.Root])
        {
            List<DwarfEntry> found = [];
            CollectVariables(root, found, 0);
            foreach (DwarfEntry entry in found)
            {
                if (Encoding.UTF8.GetString(NameIndex.NameOf(entry)) == name
                    && reader.Of(entry) is (MemoryLocation or ThreadLocalLocation) and var location)
                    return new DebugVariable(name, _info.Types.TypeOf(entry), IsParameter: false, location);
            }
        }

        return null;
    }

    /// <summary>The variable that a name means outside of the function: of its file, else of another.</summary>
    public DebugVariable? FindOutside(string name) => _info.FindGlobal(name, Container.Unit.Name) ?? _info.FindGlobal(name);

    /// <summary>Where the stack pointer is after the return, for a thread that has arrived at an address; null where nobody
    /// says.</summary>
    /// <param name="address">Link-time address in its code.</param>
    public MachineExpression? FrameAt(ulong address) =>
        new LocationReader(_info.Architecture, _info.Frames, Container, address).CanonicalFrame;

    /// <summary>Labels in its own code, by name.</summary>
    public IEnumerable<(string Name, ulong Address, int Line)> Labels()
    {
        List<DwarfEntry> found = [];
        CollectLabels(Entry, found, 0);
        foreach (DwarfEntry label in found)
        {
            if (label.Find(DwarfAttribute.LowPc)?.Address is > 0 and ulong address)
                yield return (
                    Encoding.UTF8.GetString(NameIndex.NameOf(label)), address,
                    (int)(label.FindInherited(DwarfAttribute.DeclarationLine)?.Constant ?? 0));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}@{File}:{Line}";

    private LocationReader ReaderAt(ulong address, IFrameValues? values) =>
        new(_info.Architecture, _info.Frames, Container, address, values);

    private DebugVariable? Variable(DwarfEntry entry, LocationReader reader, IFrameValues? values)
    {
        string name = Encoding.UTF8.GetString(NameIndex.NameOf(entry));
        if (name.Length == 0)
            return null;
        CType type = values is null ? _info.Types.TypeOf(entry) : _info.Types.TypeOf(entry, range => CountOf(range, reader, values));
        return new DebugVariable(name, type, entry.Tag == DwarfTag.FormalParameter, reader.Of(entry));
    }

    /// <summary>How many elements an array has that is as long as the program has computed: an expression, or a variable.</summary>
    private long? CountOf(DwarfEntry range, LocationReader reader, IFrameValues values)
    {
        if (range.Find(DwarfAttribute.Count) is { } count)
            return (long?)Number(count);
        return range.Find(DwarfAttribute.UpperBound) is { } last && Number(last) is ulong bound ? (long)bound + 1 : null;

        ulong? Number(DwarfValue value)
        {
            if (value.IsBlock)
                return values.Read(reader.ValueOf(value), sizeof(ulong));
            return value.Entry is { } variable
                ? values.Read(reader.Of(variable), (int)Math.Clamp(_info.Types.TypeOf(variable).Size ?? 0, 1, sizeof(ulong))) : null;
        }
    }

    private (LineTable Lines, int File)? Declaration => Declared(DwarfAttribute.DeclarationFile) is { Constant: long file } value
        ? (_info.LinesOf(value.Unit), (int)Math.Clamp(file, 0, int.MaxValue)) : null;

    private DwarfValue? Declared(DwarfAttribute attribute) => Entry.FindInherited(attribute);

    private ulong? FindBody()
    {
        if (EntryAddress is not ulong entry)
            return null;
        return IsInlined || !NeedsPrologue() ? entry : BehindPrologue(entry);
    }

    /// <summary>Where the code of a second line begins, or where the compiler says that the prologue ends.</summary>
    private ulong BehindPrologue(ulong entry)
    {
        LineTable lines = _info.LinesOf(Container.Unit);
        ulong? second = null;
        ulong end = Ranges.FirstOrDefault(range => range.Contains(entry)).End;
        for (int at = lines.IndexOf(entry); at < lines.Rows.Count && lines.Rows[at] is { IsEnd: false } row && row.Address < end; at++)
        {
            if (row.IsPrologueEnd)
                return row.Address;
            if (row.Address > entry && row.Line > 0)
                second ??= row.Address;
        }

        return second ?? entry;
    }

    /// <summary>Whether its variables have one place each, which is theirs only behind the prologue.</summary>
    private bool NeedsPrologue()
    {
        bool any = false;
        foreach (DwarfEntry child in Entry.Children)
        {
            if (child.Tag is not (DwarfTag.FormalParameter or DwarfTag.Variable))
                continue;
            if (LocationReader.IsList(child))
                return false;
            any |= child.Find(DwarfAttribute.Location) is not null;
        }

        return any;
    }

    private static void Collect(DwarfEntry parent, List<DwarfEntry> found, ulong address, int depth)
    {
        if (depth > MaxNested)
            return;
        found.AddRange(VariablesOf(parent));
        foreach (DwarfEntry child in parent.Children)
        {
            if (child.Tag == DwarfTag.LexicalBlock && DebugInfo.Holds(child, address))
                Collect(child, found, address, depth + 1);
        }
    }

    /// <summary>
    /// The parameters and variables of a block, in order. An instance of a function leaves out what is the same for all of them, such as
    /// its static variables: those stand behind, as the function declares them.
    /// </summary>
    private static List<DwarfEntry> VariablesOf(DwarfEntry block)
    {
        List<DwarfEntry> own = VariablesIn(block);
        if (block.Origin is not { } declaration)
            return own;
        HashSet<(DwarfUnit Unit, int Offset)> instances = [];
        foreach (DwarfEntry variable in own)
        {
            if (variable.Origin is { } origin)
                instances.Add((origin.Unit, origin.Offset));
        }

        own.AddRange(VariablesIn(declaration).Where(each => !instances.Contains((each.Unit, each.Offset))));
        return own;

        static List<DwarfEntry> VariablesIn(DwarfEntry parent)
        {
            List<DwarfEntry> variables = [];
            foreach (DwarfEntry child in parent.Children)
            {
                if (child.Tag is DwarfTag.FormalParameter or DwarfTag.Variable)
                    variables.Add(child);
            }

            return variables;
        }
    }

    private static void CollectVariables(DwarfEntry parent, List<DwarfEntry> found, int depth)
    {
        foreach (DwarfEntry child in parent.Children)
        {
            if (child.Tag == DwarfTag.Variable)
                found.Add(child);
            else if (child.Tag == DwarfTag.LexicalBlock && depth < MaxNested)
                CollectVariables(child, found, depth + 1);
        }
    }

    private static void CollectLabels(DwarfEntry parent, List<DwarfEntry> found, int depth)
    {
        if (depth > MaxNested)
            return;
        foreach (DwarfEntry child in parent.Children)
        {
            if (child.Tag == DwarfTag.Label)
                found.Add(child);
            else if (child.Tag is DwarfTag.LexicalBlock)
                CollectLabels(child, found, depth + 1);
        }
    }
}
