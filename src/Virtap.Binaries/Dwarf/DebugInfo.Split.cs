using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf;

/// <summary>Units whose entries the compiler has put into files beside the objects (<c>-gsplit-dwarf</c>).</summary>
public sealed partial class DebugInfo
{
    private readonly Dictionary<string, DwarfFile?> _splitFiles = [];

    private DwarfUnit? OpenSplit(DwarfUnit skeleton)
    {
        // From DWARF 5 on headers say it (7.5.1): to ask the first entries of a thousand units takes the shapes of all their entries.
        if (skeleton is { Format.Version: >= 5, Kind: not DwarfUnitKind.Skeleton })
            return null;
        if (skeleton.Top is not { } top || (top.Find(DwarfAttribute.DwoName) ?? top.Find(DwarfAttribute.GnuDwoName)) is not { } name)
            return null;
        ulong? id = skeleton.Id ?? top.Find(DwarfAttribute.GnuDwoId)?.Number;
        lock (_opening)
        {
            string file = System.IO.Path.Combine(skeleton.Directory, name.Text);
            foreach (string path in (ReadOnlySpan<string>)[_program.Path + ".dwp", file])
            {
                if (SplitFile(path) is { } split && UnitOf(split, id) is { } unit)
                    return unit.Of(skeleton);
            }
        }

        return null;
    }

    private static DwarfUnit? UnitOf(DwarfFile file, ulong? id)
    {
        foreach (DwarfUnit unit in file.Units)
        {
            bool isSame = id is null || (unit.Id ?? unit.Top?.Find(DwarfAttribute.GnuDwoId)?.Number) == id;
            if (unit.Kind is DwarfUnitKind.Compile or DwarfUnitKind.SplitCompile && isSame)
                return unit;
        }

        return null;
    }

    private DwarfFile? SplitFile(string path)
    {
        if (_splitFiles.TryGetValue(path, out DwarfFile? known))
            return known;
        DwarfFile? opened = null;
        try
        {
            if (File.Exists(path))
            {
                ElfFile file = ElfFile.Open(path);
                _opened.Add(file);
                opened = new DwarfFile(file, isSplit: true);
            }
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            // As where it is not there: the skeleton alone says where code is.
        }

        return _splitFiles[path] = opened;
    }
}
