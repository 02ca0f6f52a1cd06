using System.Text;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Lines;

/// <summary>A row of a line table: from this address on, code of a line.</summary>
/// <param name="Address">Link-time address.</param>
/// <param name="File">Number of the file; the table knows its path.</param>
/// <param name="Line">From 1; 0 where the code belongs to no line.</param>
/// <param name="IsStatement">Whether a statement begins here, as far as the compiler says.</param>
/// <param name="IsPrologueEnd">Whether this is where a breakpoint on the function's entry is best put.</param>
/// <param name="IsEnd">Behind a piece of code: nothing is said of this address.</param>
internal readonly record struct LineRow(ulong Address, int File, int Line, bool IsStatement, bool IsPrologueEnd, bool IsEnd);

/// <summary>Which lines a unit's code comes from (DWARF 5, 6.2; versions 2 to 5).</summary>
internal sealed class LineTable
{
    private const int MaxRows = 1 << 22, MaxFiles = 1 << 16;

    private readonly string[] _files, _names;

    private LineTable(string[] files, string[] names, LineRow[] rows)
    {
        (_files, _names) = (files, names);
        Rows = rows;
    }

    /// <summary>A unit without a table.</summary>
    public static LineTable Empty { get; } = new([], [], []);

    /// <summary>The rows by address; of one address in the order of the table.</summary>
    public IReadOnlyList<LineRow> Rows { get; }

    /// <summary>
    /// The path of a file, as the compiler was given it, with the directory where it ran where that says more; empty where unknown.
    /// </summary>
    public string PathOf(int file) => (uint)file < (uint)_files.Length ? _files[file] : "";

    /// <summary>
    /// A file's name as SystemTap prints it, by elfutils: relative where the compiler was given a directory that is, but for files in the
    /// very directory where it ran; empty where unknown.
    /// </summary>
    public string NameOf(int file) => (uint)file < (uint)_names.Length ? _names[file] : "";

    /// <summary>Numbers of files.</summary>
    public int FileCount => _files.Length;

    /// <summary>The row that an address belongs to; null where none does.</summary>
    public LineRow? At(ulong address)
    {
        int behind = IndexOf(address == ulong.MaxValue ? address : address + 1);
        return behind > 0 && Rows[behind - 1] is { IsEnd: false } row ? row : null;
    }

    /// <summary>The place in the table of the first row that is not before an address.</summary>
    public int IndexOf(ulong address)
    {
        int low = 0, high = Rows.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Rows[middle].Address < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Reads the table of a unit.</summary>
    public static LineTable Read(DwarfUnit unit)
    {
        if ((unit.Top?.Find(DwarfAttribute.StatementList) ?? unit.Skeleton?.Top?.Find(DwarfAttribute.StatementList)) is not { } list)
            return Empty;
        // A split unit's own table has files alone, its skeleton's the rows as well.
        DwarfUnit owner = unit.Skeleton ?? unit;
        ReadOnlySpan<byte> section = owner.Sections.Lines.Bytes;
        if (owner.Top?.Find(DwarfAttribute.StatementList) is not { } own || own.Number >= (ulong)section.Length)
            return Empty;
        var reader = new DwarfReader(section, (int)own.Number);
        ulong length = reader.UnitLength(out int offsetSize);
        int end = (int)Math.Min((ulong)section.Length, (ulong)reader.Position + length);
        reader = new DwarfReader(section[..end], reader.Position);
        return list.Number > int.MaxValue ? Empty : new Parser(owner, offsetSize).Read(ref reader);
    }

    private sealed class Parser(DwarfUnit unit, int offsetSize)
    {
        private const int DirectoryContent = 2, PathContent = 1;
        private const int Extended = 0, Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4, NegateStatement = 6, ConstantAdd = 8,
            FixedAdvance = 9, PrologueEnd = 10;
        private const int EndSequence = 1, SetAddress = 2, DefineFile = 3, SetDiscriminator = 4;

        private readonly List<string> _directories = [];
        private readonly List<string> _files = [];
        private readonly List<LineRow> _rows = [];

        public LineTable Read(ref DwarfReader reader)
        {
            int version = (int)reader.Fixed(2);
            if (version is < 2 or > 5)
                return Empty;
            if (version >= 5)
                reader.Skip(2);
            ulong headerLength = reader.Fixed(offsetSize);
            int program = reader.Position + (int)Math.Min(headerLength, int.MaxValue / 2);
            int unitStep = reader.Byte();
            if (version >= 4)
                reader.Byte();
            bool startsAsStatement = reader.Byte() != 0;
            int lineBase = (sbyte)reader.Byte(), lineRange = Math.Max((int)reader.Byte(), 1), opcodeBase = reader.Byte();
            var lengths = new byte[Math.Max(opcodeBase, 1)];
            for (int opcode = 1; opcode < opcodeBase; opcode++)
                lengths[opcode] = reader.Byte();
            if (version >= 5)
                ReadTables(ref reader);
            else
                ReadOldTables(ref reader);
            reader.Position = program;
            Run(ref reader, unitStep, startsAsStatement, lineBase, lineRange, lengths);
            LineRow[] rows = [.. _rows];
            int[] order = [.. Enumerable.Range(0, rows.Length)];
            Array.Sort(order, (a, b) => rows[a].Address != rows[b].Address ? rows[a].Address.CompareTo(rows[b].Address)
                : rows[a].IsEnd != rows[b].IsEnd ? rows[b].IsEnd.CompareTo(rows[a].IsEnd) : a.CompareTo(b));
            return new LineTable([.. _files.Select(FullPath)], [.. _files], Array.ConvertAll(order, at => rows[at]));
        }

        private void Run(
            ref DwarfReader reader, int unitStep, bool startsAsStatement, int lineBase, int lineRange, ReadOnlySpan<byte> lengths)
        {
            ulong address = 0;
            int file = 1, line = 1;
            bool isStatement = startsAsStatement, isPrologueEnd = false;

            // As gdb has it: pieces of a line that only discriminators tell apart are one, and no statement begins at the second.
            ulong discriminator = 0;
            bool isDivided = false;
            (int File, int Line) last = default;
            while (!reader.AtEnd && _rows.Count < MaxRows)
            {
                int opcode = reader.Byte();
                if (opcode >= lengths.Length)
                {
                    int special = opcode - lengths.Length;
                    address += (ulong)(special / lineRange * unitStep);
                    MoveLine(lineBase + (special % lineRange));
                    Add(isEnd: false);
                    continue;
                }

                switch (opcode)
                {
                    case Extended:
                        int size = (int)Math.Min(reader.Unsigned(), int.MaxValue / 2);
                        int next = reader.Position + size;
                        switch (reader.Byte())
                        {
                            case EndSequence:
                                Add(isEnd: true);
                                (address, file, line, isStatement) = (0, 1, 1, startsAsStatement);
                                (discriminator, isDivided, last) = (0, false, default);
                                break;
                            case SetAddress:
                                address = reader.Fixed(Math.Clamp(size - 1, 0, 8));
                                break;
                            case SetDiscriminator:
                                discriminator = reader.Unsigned();
                                isDivided |= discriminator != 0;
                                break;
                            case DefineFile when _files.Count < MaxFiles:
                                AddOldFile(reader.Text(), ref reader);
                                break;
                        }

                        reader.Position = next;
                        break;
                    case Copy:
                        Add(isEnd: false);
                        break;
                    case AdvancePc:
                        address += reader.Unsigned() * (ulong)unitStep;
                        break;
                    case AdvanceLine:
                        MoveLine((int)reader.Signed());
                        break;
                    case SetFile:
                        file = (int)Math.Min(reader.Unsigned(), int.MaxValue);
                        break;
                    case NegateStatement:
                        isStatement = !isStatement;
                        break;
                    case ConstantAdd:
                        address += (ulong)((255 - lengths.Length) / lineRange * unitStep);
                        break;
                    case FixedAdvance:
                        address += reader.Fixed(2);
                        break;
                    case PrologueEnd:
                        isPrologueEnd = true;
                        break;
                    default:
                        for (int n = 0; n < lengths[opcode]; n++)
                            reader.Unsigned();
                        break;
                }
            }

            void MoveLine(int by)
            {
                line += by;
                if (by != 0)
                    isDivided = discriminator != 0;
            }

            void Add(bool isEnd)
            {
                if (isEnd || isPrologueEnd || !isDivided || last != (file, line))
                    _rows.Add(new LineRow(address, file, line, isStatement, isPrologueEnd, isEnd));
                (isPrologueEnd, discriminator, last) = (false, 0, (file, line));
            }
        }

        private void ReadTables(ref DwarfReader reader)
        {
            foreach ((string path, _) in ReadTable(ref reader))
                _directories.Add(path);
            foreach ((string path, ulong directory) in ReadTable(ref reader))
                _files.Add(InDirectory(path, directory));
        }

        private List<(string Path, ulong Directory)> ReadTable(ref DwarfReader reader)
        {
            var formats = new (int Content, AttributeSpec Spec)[reader.Byte()];
            foreach (ref (int Content, AttributeSpec Spec) format in formats.AsSpan())
                format = ((int)reader.Unsigned(), new AttributeSpec(default, (DwarfForm)reader.Unsigned(), 0));
            ulong count = Math.Min(reader.Unsigned(), MaxFiles);
            List<(string, ulong)> table = [];
            for (ulong n = 0; n < count && !reader.AtEnd; n++)
            {
                string path = "";
                ulong directory = 0;
                foreach ((int content, AttributeSpec spec) in formats)
                {
                    // The only texts here that stand in the table itself are those of this form.
                    if (spec.Form == DwarfForm.String)
                    {
                        string text = Encoding.UTF8.GetString(reader.Text());
                        path = content == PathContent ? text : path;
                        continue;
                    }

                    DwarfValue value = unit.Read(ref reader, spec);
                    if (content == PathContent)
                        path = value.Text;
                    else if (content == DirectoryContent)
                        directory = value.Number;
                }

                table.Add((path, directory));
            }

            return table;
        }

        private void ReadOldTables(ref DwarfReader reader)
        {
            _directories.Add(unit.Directory);
            while (reader.Text() is { IsEmpty: false } directory && _directories.Count < MaxFiles)
                _directories.Add(Encoding.UTF8.GetString(directory));
            _files.Add(FullPath(unit.Name));
            while (reader.Text() is { IsEmpty: false } file && _files.Count < MaxFiles)
                AddOldFile(file, ref reader);
        }

        private void AddOldFile(ReadOnlySpan<byte> name, ref DwarfReader reader)
        {
            ulong directory = reader.Unsigned();
            reader.Unsigned();
            reader.Unsigned();
            _files.Add(InDirectory(Encoding.UTF8.GetString(name), directory));
        }

        private string InDirectory(string path, ulong directory) =>
            directory < (ulong)_directories.Count ? Absolute(path, _directories[(int)directory]) : path;

        private string FullPath(string path) => Absolute(path, unit.Directory);

        private static string Absolute(string path, string directory) =>
            path.StartsWith('/') || directory.Length == 0 ? path : directory.EndsWith('/') ? directory + path : $"{directory}/{path}";
    }
}
