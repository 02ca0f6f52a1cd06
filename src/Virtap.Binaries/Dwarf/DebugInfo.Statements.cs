using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Lines;

namespace Virtap.Binaries.Dwarf;

/// <summary>A place at which code of a source line begins.</summary>
/// <param name="Address">Link-time address.</param>
/// <param name="Source">The line, of a file named as SystemTap prints it.</param>
/// <param name="Function">The function that runs there, the innermost where one is inlined.</param>
public sealed record DebugStatement(ulong Address, SourceLine Source, DebugFunction Function);

/// <summary>Places by source line.</summary>
public sealed partial class DebugInfo
{
    /// <summary>
    /// The place nearest to an address at which code of a line begins, in the function that has it; null where nobody says.
    /// </summary>
    public ulong? StatementNear(ulong address)
    {
        if (UnitAt(address) is not { } unit || FunctionsAt(address) is not [.., var function])
            return null;
        LineRow[] rows = [.. LinesOf(unit).Rows.Where(
            row => row is { IsEnd: false, IsStatement: true, Line: > 0 } && function.Ranges.Any(range => range.Contains(row.Address)))];
        return rows.Length == 0 ? null : rows.MinBy(row => row.Address > address ? row.Address - address : address - row.Address).Address;
    }

    /// <summary>The places at which code of lines begins: of each function one for each line, the first.</summary>
    /// <param name="file">The source file or the end of its path, perhaps with wildcards.</param>
    /// <param name="isFunction">Which functions are meant.</param>
    /// <param name="isLine">Which lines, given the function's own.</param>
    public IEnumerable<DebugStatement> FindStatements(string file, Func<string, bool> isFunction, Func<int, int, bool> isLine)
    {
        foreach (DwarfUnit unit in _units.Value)
        {
            LineTable lines = LinesOf(unit);
            bool[] isFile = [.. Enumerable.Range(0, lines.FileCount).Select(number => SourcePath.IsMatch(lines.PathOf(number), file))];
            if (!isFile.Contains(true))
                continue;
            HashSet<(int, ulong, int)> seen = [];
            foreach (LineRow row in lines.Rows)
            {
                if (row.IsEnd || !row.IsStatement || row.Line == 0 || (uint)row.File >= (uint)isFile.Length || !isFile[row.File]
                    || FunctionsAt(row.Address) is not [var function, ..])
                    continue;
                bool isMeant = isFunction(function.Name) && isLine(row.Line, function.Line);
                if (isMeant && seen.Add((function.Entry.Offset, function.EntryAddress ?? 0, row.Line)))
                    yield return new DebugStatement(row.Address, new SourceLine(lines.NameOf(row.File), row.Line), function);
            }
        }
    }
}
