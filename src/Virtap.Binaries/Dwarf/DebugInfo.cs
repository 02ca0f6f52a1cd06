using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Binaries.Dwarf.Lines;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Dwarf.Types;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;
using Virtap.Names;

namespace Virtap.Binaries.Dwarf;

/// <summary>
/// The debug information of a program (DWARF 2 to 5), wherever it is: in the program, in a separate file, in files that its units were
/// split off into, in one that several programs share. Opening it reads headers; an index of names is made when a name is first sought,
/// lines and frames when first needed. Damaged information gives less, in bounded time. Not for several threads at once.
/// </summary>
public sealed partial class DebugInfo : IDisposable
{
    private readonly ElfFile _program;
    private readonly DwarfFile _file;
    private readonly DebugFileSearch _search;
    private readonly List<ElfFile> _opened = [];
    private readonly Lock _opening = new();
    private readonly Lazy<NameIndex> _names;
    private readonly Dictionary<DwarfUnit, LineTable> _lines = [];
    private readonly Lazy<IReadOnlyList<DwarfUnit>> _units;
    private readonly Lazy<CallFrames> _frames;

    private DebugInfo(ElfFile program, ElfFile debugFile, DebugFileSearch search)
    {
        (_program, _search) = (program, search);
        if (debugFile != program)
            _opened.Add(debugFile);
        _file = new DwarfFile(debugFile, () => OpenAlternate(debugFile), OpenSplit);
        _units = new Lazy<IReadOnlyList<DwarfUnit>>(() => [.. _file.Units.Select(static unit => unit.Full)]);
        _names = new Lazy<NameIndex>(() => NameIndex.Read(
            [.. _units.Value, .. SplitTypes(), .. _file.Alternate?.Units ?? []], search.Names, Identity()));
        _frames = new Lazy<CallFrames>(() => CallFrames.Read(program, debugFile));
        Types = new TypeReader(FindDefinition, DeclaredAt);
    }

    /// <summary>The file that has it, as messages name it.</summary>
    public string Path => _file.Elf.Path;

    /// <summary>The file that has it.</summary>
    internal ElfFile DebugFile => _file.Elf;

    internal TypeReader Types { get; }

    internal Architecture Architecture => _program.Architecture ?? Binaries.Architecture.X64;

    internal CallFrames Frames => _frames.Value;

    /// <summary>Opens the debug information of a program.</summary>
    /// <param name="program">The program, which stays the caller's and has to stay open.</param>
    /// <param name="search">Where to seek it.</param>
    /// <param name="path">Where the program lies, where that is another path than it was opened by.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="ElfFormatException">It is damaged, or compressed in a way that is not supported.</exception>
    public static DebugInfo? Open(ElfFile program, DebugFileSearch search, string? path = null)
    {
        if (HasInfo(program))
            return new DebugInfo(program, program, search);
        ElfFile? separate = search.Open(program, path ?? program.Path);
        if (separate is null)
            return null;
        try
        {
            if (HasInfo(separate))
                return new DebugInfo(program, separate, search);
        }
        catch
        {
            separate.Dispose();
            throw;
        }

        separate.Dispose();
        return null;
    }

    /// <summary>Finds a type by its name.</summary>
    /// <param name="name">
    /// <c>struct x</c>, <c>union x</c>, <c>enum x</c>, <c>class x</c>, a typedef, a base type; stars may follow.
    /// </param>
    public CType? FindType(string name)
    {
        string type = name.Trim().TrimEnd('*', ' ', '&');
        int stars = name.Count(static c => c is '*' or '&');
        CType? found = FindPlain(string.Join(' ', type.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        for (int star = 0; star < stars && found is not null; star++)
            found = new PointerType(found);
        return found;
    }

    /// <summary>The value of an enumeration's constant; null where there is none of this name.</summary>
    public long? FindConstant(string name) => FindEnumerator(name)?.Constant.Value;

    /// <summary>The constant of a name, and the enumeration that has it; null where there is none.</summary>
    /// <param name="name">Its name; in C++ perhaps with those of what it belongs to.</param>
    public (EnumerationType Type, EnumerationConstant Constant)? FindEnumerator(string name)
    {
        foreach ((DwarfEntry entry, NamedKind kind) in _names.Value.Find(LastOf(name)))
        {
            if (kind == NamedKind.Constant && Types.Read(entry) is EnumerationType { Definition: { } definition } type
                && definition.Constants.FirstOrDefault(each => each.Name == name || LastOf(each.Name) == name) is { } constant)
                return (type, constant);
        }

        return null;
    }

    /// <summary>Whether the program's own file, the one that has <c>main</c>, was written in C++.</summary>
    public bool IsCPlusPlus => _names.Value.Find("main").FirstOrDefault(static each => each.Kind == NamedKind.Function)
        is { Entry.Unit: { } unit } && unit.IsCPlusPlus;

    /// <summary>The symbols of the file that has it, where the program's own were stripped.</summary>
    public ElfSymbolTable Symbols => _file.Elf.Symbols;

    /// <summary>Finds a variable that belongs to no function.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="file">The source file that defines it, or the end of its path, perhaps with wildcards; null for any.</param>
    public DebugVariable? FindGlobal(string name, string? file = null)
    {
        DebugVariable? elsewhere = null;
        foreach ((DwarfEntry entry, NamedKind kind) in _names.Value.Find(LastOf(name)))
        {
            if (kind != NamedKind.Variable || !IsNamed(entry, name) || (file is not null && !SourcePath.IsMatch(entry.Unit.Name, file)))
                continue;
            DebugVariable variable = Global(entry);
            bool isPlaced = variable.Location is ThreadLocalLocation or not NoLocation;

            // Before a file's own one that all files share, as linkers see it.
            if (isPlaced && (file is not null || entry.FindInherited(DwarfAttribute.External) is { IsTrue: true }))
                return variable;
            if (elsewhere is null || (isPlaced && elsewhere.Location is NoLocation))
                elsewhere = variable;
        }

        return elsewhere;
    }

    /// <summary>The type of a variable that is only declared here, and defined in another file; null where there is none.</summary>
    public CType? FindDeclared(string name)
    {
        foreach ((DwarfEntry entry, NamedKind kind) in _names.Value.Find(LastOf(name)))
        {
            if (kind == NamedKind.Declaration && IsNamed(entry, name))
                return Types.TypeOf(entry);
        }

        return null;
    }

    /// <summary>Whether a file was compiled that is meant by a name, or by the end of its path.</summary>
    public bool HasFile(string file) => _units.Value.Any(unit => SourcePath.IsMatch(unit.Name, file));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ElfFile file in _opened)
            file.Dispose();
        _opened.Clear();
    }

    internal DebugVariable Global(DwarfEntry entry) => new(
        System.Text.Encoding.UTF8.GetString(NameIndex.NameOf(entry)), Types.TypeOf(entry), IsParameter: false,
        new LocationReader(Architecture, null, null, 0).Of(entry));

    internal LineTable LinesOf(DwarfUnit unit)
    {
        if (!_lines.TryGetValue(unit, out LineTable? table))
            _lines[unit] = table = LineTable.Read(unit);
        return table;
    }

    private static bool HasInfo(ElfFile file) => file.FindSection(".debug_info"u8) is { Type: not ElfSectionType.NoBits }
        || file.FindSection(".zdebug_info"u8) is not null;

    private CType? FindPlain(string name)
    {
        int space = name.IndexOf(' ', StringComparison.Ordinal);
        string keyword = space < 0 ? "" : name[..space];
        bool isTagged = keyword is "struct" or "union" or "enum" or "class";
        string plain = isTagged ? name[(space + 1)..] : name;
        CType? declared = null;
        foreach ((DwarfEntry entry, NamedKind kind) in _names.Value.Find(LastOf(plain)))
        {
            if (!IsNamed(entry, plain))
                continue;
            bool fits = keyword switch
            {
                "struct" or "class" => kind == NamedKind.Structure && entry.Tag != DwarfTag.UnionType,
                "union" => kind == NamedKind.Structure && entry.Tag == DwarfTag.UnionType,
                "enum" => kind == NamedKind.Enumeration,
                _ => kind is NamedKind.Type or NamedKind.Structure or NamedKind.Enumeration,
            };
            if (!fits)
                continue;
            CType type = Types.Read(entry);

            // A typedef before the structure of its name; and where both are there, as C means it.
            if (isTagged || kind == NamedKind.Type)
                return type;
            declared ??= type;
        }

        return declared;
    }

    /// <summary>The name without those of what it belongs to: of <c>space::f&lt;a::b&gt;</c> <c>f&lt;a::b&gt;</c>.</summary>
    internal static string LastOf(string name)
    {
        int end = name.IndexOf('<', StringComparison.Ordinal);
        int at = name.LastIndexOf("::", end < 0 ? name.Length - 1 : end, StringComparison.Ordinal);
        return at < 0 ? name : name[(at + 2)..];
    }

    /// <summary>Whether an entry that has a name's last part has the whole of it.</summary>
    internal static bool IsNamed(DwarfEntry entry, string name) => !name.Contains("::", StringComparison.Ordinal)
        || ScopeNames.Qualify(entry) is var full && (full == name || full.EndsWith("::" + name, StringComparison.Ordinal));

    private string? DeclaredAt(DwarfEntry entry) =>
        entry.Find(DwarfAttribute.DeclarationFile)?.Constant is >= 0 and <= int.MaxValue and long file
        && entry.Find(DwarfAttribute.DeclarationLine)?.Constant is > 0 and <= int.MaxValue and long line
            ? new SourceLine(LinesOf(entry.Unit).NameOf((int)file), (int)line).ToString() : null;

    private DwarfEntry? FindDefinition(DwarfEntry declaration)
    {
        string name = declaration.Name;
        if (name.Length == 0)
            return null;
        bool isUnion = declaration.Tag == DwarfTag.UnionType;
        string full = ScopeNames.Qualify(declaration);
        foreach ((DwarfEntry entry, NamedKind kind) in _names.Value.Find(name))
        {
            if (kind == NamedKind.Structure && IsNamed(entry, full) && (entry.Tag == DwarfTag.UnionType) == isUnion)
                return entry;
        }

        return null;
    }

    /// <summary>
    /// What names may be kept under; null where they are collected as fast, where nothing identifies the file, and where compilers have put
    /// entries into files that the build id says nothing of.
    /// </summary>
    internal DebugIdentity? Identity()
    {
        if (_search.Names is not { } cache || _file.Info.Length < cache.MinInfoBytes || _file.Elf.BuildId is not { } id
            || _units.Value.Any(unit => unit.File != _file) || (_file.Alternate is { } shared && shared.Elf.BuildId is null))
            return null;
        return new DebugIdentity(id, string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{id} {_file.Info.Length} {_file.Types.Length} {_file.Strings.Length} {_units.Value.Count} {_file.Alternate?.Elf.BuildId}"));
    }

    /// <summary>Type units that were split off are no unit's other half.</summary>
    private IEnumerable<DwarfUnit> SplitTypes() => _units.Value.Where(static unit => unit.Skeleton is not null)
        .Select(static unit => unit.File).Distinct()
        .SelectMany(static file => file.Units.Where(static unit => unit.Kind is DwarfUnitKind.Type or DwarfUnitKind.SplitType));

    private DwarfFile? OpenAlternate(ElfFile debugFile)
    {
        lock (_opening)
        {
            if (_search.OpenAlternate(debugFile) is not { } file)
                return null;
            _opened.Add(file);
            return new DwarfFile(file);
        }
    }
}
