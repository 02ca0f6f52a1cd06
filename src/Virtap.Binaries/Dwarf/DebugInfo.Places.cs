using Virtap.Binaries.Code.X64;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Dwarf.Lines;
using Virtap.Binaries.Dwarf.Locations;

namespace Virtap.Binaries.Dwarf;

/// <summary>Code of a source line, as debuggers go through it: from one row of the line table to the next.</summary>
/// <param name="Start">Link-time address of its first instruction.</param>
/// <param name="End">Behind its last one.</param>
/// <param name="Source">The line.</param>
/// <param name="Name">The file as it was named to the compiler, which debuggers print.</param>
/// <param name="IsStatement">Whether a statement begins at <paramref name="Start"/>, as far as the compiler says.</param>
public sealed record LineSpan(ulong Start, ulong End, SourceLine Source, string Name, bool IsStatement);

/// <summary>A source file that was compiled.</summary>
/// <param name="Name">As it was named to the compiler.</param>
/// <param name="Directory">Where the compiler ran.</param>
/// <param name="Producer">The compiler.</param>
/// <param name="Version">The version of DWARF.</param>
public sealed record SourceUnit(string Name, string Directory, string Producer, int Version);

/// <summary>Places in source files, as debuggers ask for them.</summary>
public sealed partial class DebugInfo
{
    private readonly Dictionary<DwarfUnit, bool> _hasLocationLists = [];

    /// <summary>The code of a line that an address belongs to; null where nobody says.</summary>
    public LineSpan? LineSpanAt(ulong address)
    {
        if (UnitAt(address) is not { } unit)
            return null;
        LineTable lines = LinesOf(unit);
        int behind = lines.IndexOf(address == ulong.MaxValue ? address : address + 1);

        // Code that the compiler says is of no line counts as that of the line before.
        int own = behind;
        while (own > 0 && lines.Rows[own - 1] is { IsEnd: false, Line: 0 })
            own--;
        if (own == 0 || lines.Rows[own - 1] is not { IsEnd: false } row)
            return null;
        while (behind < lines.Rows.Count && lines.Rows[behind] is { IsEnd: false, Line: 0 })
            behind++;

        // Of several rows of one address the last one counts, or the last at which a statement begins.
        for (int at = own - 1; !row.IsStatement && at >= 0 && lines.Rows[at].Address == row.Address; at--)
        {
            if (lines.Rows[at] is { IsStatement: true, IsEnd: false, Line: > 0 } statement)
                row = statement;
        }

        ulong end = behind < lines.Rows.Count ? lines.Rows[behind].Address : row.Address + 1;
        string path = lines.PathOf(row.File);
        return new LineSpan(row.Address, end, new SourceLine(path, row.Line), NameOf(unit, path), row.IsStatement);
    }

    /// <summary>
    /// The places at which code of a line begins, of each function one; where the line has no code, of the next that has some.
    /// </summary>
    /// <param name="file">The source file, or the end of its path.</param>
    /// <param name="line">The line.</param>
    public IReadOnlyList<LineSpan> FindLine(string file, int line)
    {
        List<LineSpan> found = [];
        int best = int.MaxValue;
        foreach (DwarfUnit unit in _units.Value)
        {
            LineTable lines = LinesOf(unit);
            bool[] isFile = [.. Enumerable.Range(0, lines.FileCount).Select(number => SourcePath.IsMatch(lines.PathOf(number), file))];
            if (!isFile.Contains(true))
                continue;
            foreach (LineRow row in lines.Rows)
            {
                if (row.IsEnd || !row.IsStatement || row.Line < line || row.Line > best || !isFile.ElementAtOrDefault(row.File))
                    continue;
                if (row.Line < best)
                    found.Clear();
                best = row.Line;
                if (LineSpanAt(row.Address) is { } span && span.Source.Line == row.Line)
                    found.Add(span);
            }
        }

        return [.. found.OrderBy(static span => span.Start).DistinctBy(span => BlockOf(span.Start))];
    }

    /// <summary>The source file that was compiled to the code at an address; null where nobody says.</summary>
    public SourceUnit? SourceUnitAt(ulong address) => UnitAt(address) is { } unit
        ? new SourceUnit(
            unit.Name, unit.Directory, unit.Top?.Find(DwarfAttribute.Producer)?.Text ?? "", (unit.Skeleton ?? unit).Format.Version)
        : null;

    /// <summary>The name of a source file, of those that a name or the end of a path means, as lines name it; null where none is.</summary>
    public string? FindFile(string file)
    {
        foreach (DwarfUnit unit in _units.Value)
        {
            LineTable lines = LinesOf(unit);
            for (int number = 0; number < lines.FileCount; number++)
            {
                if (SourcePath.IsMatch(lines.PathOf(number), file))
                    return lines.PathOf(number);
            }
        }

        return null;
    }

    /// <summary>A file's name as debuggers print it, of a line that has to do with the code at an address.</summary>
    public string NameOf(ulong address, string path) => UnitAt(address) is { } unit ? NameOf(unit, path) : path;

    /// <summary>Whether GCC has written lists of places for variables of a unit: what it says then holds at each address.</summary>
    internal bool HasLocationLists(DwarfUnit unit)
    {
        if (!_hasLocationLists.TryGetValue(unit, out bool hasLists))
        {
            bool isGcc = unit.Top?.Find(DwarfAttribute.Producer)?.Text.StartsWith("GNU ", StringComparison.Ordinal) ?? false;
            _hasLocationLists[unit] = hasLists = isGcc && unit.Top is { } top && HasLists(top, 0);
        }

        return hasLists;

        static bool HasLists(DwarfEntry parent, int depth)
        {
            foreach (DwarfEntry child in parent.Children)
            {
                bool isVariable = child.Tag is DwarfTag.FormalParameter or DwarfTag.Variable;
                if ((isVariable && LocationReader.IsList(child)) || (!isVariable && depth < MaxNested && HasLists(child, depth + 1)))
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether code keeps a frame pointer; where its processor's habits are not known, it may.</summary>
    internal bool MayKeepFramePointer(ulong entry) =>
        Architecture != Architecture.X64 || X64Prologue.FrameBytes(_program.BytesAt(entry, X64Prologue.MaxBytes)) > 0;

    /// <summary>Whether a unit was compiled by LLVM.</summary>
    internal static bool IsOfLlvm(DwarfUnit unit) =>
        unit.Top?.Find(DwarfAttribute.Producer)?.Text.Contains("clang", StringComparison.Ordinal) ?? false;

    /// <summary>A file's name as debuggers print it: relative to where the compiler ran, if it was named so.</summary>
    private static string NameOf(DwarfUnit unit, string path)
    {
        string directory = unit.Directory.TrimEnd('/') + "/";
        return !unit.Name.StartsWith('/') && unit.Directory.Length > 0 && path.StartsWith(directory, StringComparison.Ordinal)
            ? path[directory.Length..] : path;
    }

    /// <summary>The function, or the place where one is inlined, that has the code at an address.</summary>
    private (int Entry, ulong Start) BlockOf(ulong address) => FunctionsAt(address) is [var function, ..]
        ? (function.Entry.Offset, function.EntryAddress ?? 0) : (0, address);
}
