using System.Buffers.Binary;
using System.Text;

namespace Virtap.Binaries.Elf.Cores;

/// <summary>
/// What the notes of a core say of the process: linux/elfcore.h and core(5), the same on x86-64 and aarch64. The kernel writes them at the
/// beginning of a core, gdb's gcore at the end; in a core that was cut
/// they may be missing, and everything here is then empty.
/// </summary>
public sealed class CoreNotes
{
    private const uint ThreadStatus = 1;
    private const uint FloatRegisters = 2;
    private const uint ProcessInfo = 3;
    private const uint Auxiliary = 6;
    private const uint MappedFiles = 0x46494c45;
    private const uint SignalInfo = 0x53494749;

    // struct elf_prstatus: siginfo (12 bytes), cursig; two signal sets; pid; times; the registers.
    private const int CurrentSignal = 12;
    private const int ThreadId = 32;
    private const int ThreadStatusSize = 112;

    // struct elf_prpsinfo: state (4 bytes), flag, uid, gid; pid, ppid, pgrp, sid; fname[16], psargs[80].
    private const int InfoProcessId = 24;
    private const int InfoName = 40;
    private const int InfoArguments = 56;
    private const int InfoSize = 136;

    // NT_FILE: count, page size; count times start, end, offset in pages; then the names.
    private const int FilesHead = 16;
    private const int FilesEntry = 24;

    private readonly List<CoreMapping> _mappings = [];
    private readonly List<CoreThreadNote> _threads = [];
    private readonly Dictionary<ulong, ulong> _auxiliary = [];

    private CoreNotes()
    {
    }

    /// <summary>The process's id; null where no note says.</summary>
    public int? ProcessId { get; private set; }

    /// <summary>Its short name; "" where no note says.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Its command line, cut to 79 bytes; "" where no note says.</summary>
    public string Arguments { get; private set; } = "";

    /// <summary>The signal that ended it; null where it was not ended by one, and where no note says.</summary>
    public int? Signal { get; private set; }

    /// <summary>Its threads; the one that was hit by the signal first.</summary>
    public IReadOnlyList<CoreThreadNote> Threads => _threads;

    /// <summary>Where it had files mapped.</summary>
    public IReadOnlyList<CoreMapping> Mappings => _mappings;

    /// <summary>The auxiliary vector as the kernel gave it to the process (getauxval(3)), as bytes.</summary>
    public byte[] AuxiliaryVector { get; private set; } = [];

    /// <summary>A value of the auxiliary vector; null where it is not there.</summary>
    public ulong? AuxiliaryValue(ulong type) => _auxiliary.TryGetValue(type, out ulong value) ? value : null;

    /// <summary>Reads the notes of a core.</summary>
    /// <param name="core">The core.</param>
    public static CoreNotes Read(ElfFile core)
    {
        var notes = new CoreNotes();
        foreach (ElfSegment segment in core.Segments)
        {
            if (segment.Type != ElfSegmentType.Note)
                continue;
            var reader = new ElfNoteReader(
                core.FileBytes(segment.Offset, (int)Math.Min(segment.FileSize, int.MaxValue)), segment.Alignment);
            while (reader.MoveNext())
            {
                if (reader.Owner.SequenceEqual("CORE"u8))
                    notes.Add(reader.Type, reader.Description);
            }
        }

        return notes;
    }

    private void Add(uint type, ReadOnlySpan<byte> description)
    {
        switch (type)
        {
            case ThreadStatus when description.Length >= ThreadStatusSize:
                if (_threads.Count == 0 && Signal is null
                    && BinaryPrimitives.ReadInt16LittleEndian(description[CurrentSignal..]) is > 0 and var signal)
                    Signal = signal;
                _threads.Add(new CoreThreadNote(
                    BinaryPrimitives.ReadInt32LittleEndian(description[ThreadId..]), description[ThreadStatusSize..].ToArray(), null));
                break;
            // A thread's further notes stand behind its status.
            case FloatRegisters when _threads is [.., { FloatRegisters: null } thread]:
                _threads[^1] = thread with { FloatRegisters = description.ToArray() };
                break;
            case ProcessInfo when description.Length >= InfoSize:
                ProcessId = BinaryPrimitives.ReadInt32LittleEndian(description[InfoProcessId..]);
                Name = Text(description[InfoName..InfoArguments]);
                Arguments = Text(description[InfoArguments..InfoSize]).TrimEnd(' ');
                break;
            case SignalInfo when description.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(description) is > 0 and var number:
                Signal ??= number;
                break;
            case Auxiliary when AuxiliaryVector.Length == 0:
                AddAuxiliary(description);
                break;
            case MappedFiles when description.Length >= FilesHead && _mappings.Count == 0:
                AddMappings(description);
                break;
        }
    }

    private void AddAuxiliary(ReadOnlySpan<byte> vector)
    {
        AuxiliaryVector = vector.ToArray();
        for (int at = 0; at + 16 <= vector.Length && BinaryPrimitives.ReadUInt64LittleEndian(vector[at..]) is not 0 and var type; at += 16)
            _auxiliary[type] = BinaryPrimitives.ReadUInt64LittleEndian(vector[(at + 8)..]);
    }

    private void AddMappings(ReadOnlySpan<byte> files)
    {
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(files), page = BinaryPrimitives.ReadUInt64LittleEndian(files[8..]);
        if (count > (ulong)(files.Length - FilesHead) / FilesEntry)
            return;
        ReadOnlySpan<byte> names = files[(FilesHead + (int)count * FilesEntry)..];
        string last = "";
        ReadOnlySpan<byte> lastBytes = [];
        for (int n = 0; n < (int)count; n++)
        {
            ReadOnlySpan<byte> entry = files[(FilesHead + n * FilesEntry)..];
            int end = names.IndexOf((byte)0);
            if (end < 0)
                return;
            // Several ranges of one file follow each other: they share one string.
            if (!names[..end].SequenceEqual(lastBytes) || n == 0)
                last = Encoding.UTF8.GetString(lastBytes = names[..end]);
            names = names[(end + 1)..];
            ulong start = BinaryPrimitives.ReadUInt64LittleEndian(entry), until = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            if (until > start)
                _mappings.Add(new CoreMapping(start, until, unchecked(BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]) * page), last));
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}

/// <summary>Where a process that was dumped had a file mapped.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address after the last.</param>
/// <param name="Offset">Where in the file the range begins, in bytes.</param>
/// <param name="Path">The file's path, as the kernel named it.</param>
public readonly record struct CoreMapping(ulong Start, ulong End, ulong Offset, string Path);

/// <summary>What a core says of a thread.</summary>
/// <param name="Id">Its thread id.</param>
/// <param name="Registers">What it had in its registers: the kernel's structure of the processor (struct user_regs_struct).</param>
/// <param name="FloatRegisters">Its registers of numbers with a point: on x86-64 as FXSAVE writes them; null where none has them.</param>
public sealed record CoreThreadNote(int Id, byte[] Registers, byte[]? FloatRegisters);
