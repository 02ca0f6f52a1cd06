using System.Runtime.InteropServices;
using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Tracing.Leftovers;

/// <summary>
/// Finds breakpoints in a process by comparing its code with the files that it is of. Whose they are, a byte does not say: a
/// tracer's that probes them now, or one's that has gone and left them.
/// </summary>
public static class BreakpointSearch
{
    // Places that are nearer to each other than this are read together: a range more costs as much.
    private const ulong Near = 256;
    private const int LargestPiece = 1 << 20;

    private const int MaxLooks = 50;

    /// <summary>What the kernel writes for a probe: int3, or brk #5 (arch/arm64/include/asm/brk-imm.h).</summary>
    private static ReadOnlySpan<byte> Breakpoint =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? [0xa0, 0x00, 0x20, 0xd4] : [0xcc];

    /// <summary>
    /// A link that goes is forgotten at once, and its breakpoints are gone some 10 ms later: after this time, what is there is left.
    /// </summary>
    internal static TimeSpan Grace { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The breakpoints in the code of a process that stay there. Of a tracer that was just killed the kernel takes them out one after the
    /// other; what is there is left when none has gone by itself for a while. Where there is none that takes one look.
    /// </summary>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static IReadOnlyList<LeftBreakpoints> Lasting(LiveProcess process)
    {
        IReadOnlyList<LeftBreakpoints> found = Everywhere(process);
        int before = int.MaxValue;
        for (int looks = 1; looks < MaxLooks && found.Sum(file => file.Offsets.Count) is > 0 and var count && count < before; looks++)
        {
            before = count;
            Thread.Sleep(Grace);
            found = Everywhere(process);
        }

        return found;
    }

    /// <summary>All breakpoints in the code of a process.</summary>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static IReadOnlyList<LeftBreakpoints> Everywhere(LiveProcess process)
    {
        List<LeftBreakpoints> found = [];
        foreach (Mapping mapping in process.ReadMappings())
        {
            string path = process.PathTo(mapping);
            if (!IsCode(mapping) || Open(path) is not { } elf)
                continue;
            using (elf)
            {
                List<ulong> offsets = [];
                for (ulong done = 0; done < mapping.Length; done += LargestPiece)
                {
                    var piece = new MemoryRange(mapping.Start + done, (int)Math.Min(LargestPiece, mapping.Length - done));
                    byte[] bytes = new byte[piece.Length];
                    AddFound(bytes.AsSpan(0, process.Memory.Read(piece.Address, bytes)), mapping.Offset + done, elf, offsets);
                }

                if (offsets.Count > 0)
                    found.Add(new LeftBreakpoints(process, mapping.Path, path, offsets));
            }
        }

        return found;
    }

    /// <summary>The breakpoints at some places of a file.</summary>
    /// <param name="process">The process.</param>
    /// <param name="file">Which file.</param>
    /// <param name="elf">Its contents.</param>
    /// <param name="places">Offsets in the file, ascending.</param>
    /// <returns>Null for none; also where the process has ended, or may not be looked into.</returns>
    public static LeftBreakpoints? At(LiveProcess process, FileIdentity file, ElfFile elf, ReadOnlySpan<ulong> places)
    {
        if (process.FirstMapping(file) is not { } first)
            return null;
        List<ulong> offsets = [];
        string openPath = "";
        try
        {
            foreach (Mapping mapping in process.ReadMappings())
            {
                if (mapping.File != first.File || !IsCode(mapping))
                    continue;
                openPath = process.PathTo(mapping);
                AddFoundAt(process.Memory, mapping, elf, places, offsets);
            }
        }
        catch (ProcessException)
        {
            return null;
        }

        return offsets.Count > 0 ? new LeftBreakpoints(process, first.Path, openPath, offsets) : null;
    }

    private static void AddFoundAt(ProcessMemory memory, Mapping mapping, ElfFile elf, ReadOnlySpan<ulong> places, List<ulong> found)
    {
        var batch = new MemoryBatch();
        List<(ulong Offset, int First, int Count)> ranges = [];
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] < mapping.Offset || places[i] >= mapping.Offset + mapping.Length)
                continue;
            int first = i;
            while (i + 1 < places.Length && places[i + 1] < Math.Min(places[i] + Near, mapping.Offset + mapping.Length))
                i++;
            batch.Add(mapping.Start + places[first] - mapping.Offset, (int)(places[i] - places[first]) + Breakpoint.Length);
            ranges.Add((places[first], first, i - first + 1));
        }

        batch.Read(memory);
        for (int i = 0; i < ranges.Count; i++)
        {
            (ulong offset, int first, int count) = ranges[i];
            foreach (ulong place in batch[i].IsEmpty ? [] : places.Slice(first, count))
            {
                if (IsFound(batch[i][(int)(place - offset)..], place, elf))
                    found.Add(place);
            }
        }
    }

    private static void AddFound(ReadOnlySpan<byte> code, ulong offset, ElfFile elf, List<ulong> found)
    {
        int at = 0;
        for (int next; (next = code[at..].IndexOf(Breakpoint)) >= 0; at++)
        {
            at += next;
            if (IsFound(code[at..], offset + (ulong)at, elf))
                found.Add(offset + (ulong)at);
        }
    }

    private static bool IsFound(ReadOnlySpan<byte> now, ulong offset, ElfFile elf) =>
        now.StartsWith(Breakpoint)
        && elf.FileBytes(offset, Breakpoint.Length) is { IsEmpty: false } original
        && !original.StartsWith(Breakpoint);

    /// <summary>What uprobes are put into: a private mapping of a file. It is the code of it that matters.</summary>
    private static bool IsCode(Mapping mapping) =>
        mapping.IsFile && (mapping.Protection & (MappingProtection.Execute | MappingProtection.Shared)) == MappingProtection.Execute;

    private static ElfFile? Open(string path)
    {
        try
        {
            return ElfFile.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ElfFormatException)
        {
            return null;
        }
    }
}

/// <summary>Breakpoints in the code that a process has of a file, where the file itself has none.</summary>
/// <param name="Process">The process.</param>
/// <param name="Path">The file, as the process names it.</param>
/// <param name="OpenPath">A path that opens it, whatever has become of its name.</param>
/// <param name="Offsets">Where in the file, ascending.</param>
/// <param name="Debugger">Who traces the process by ptrace, so that they may be its; null for nobody, or where that was not asked.</param>
public sealed record LeftBreakpoints(
    LiveProcess Process, string Path, string OpenPath, IReadOnlyList<ulong> Offsets, int? Debugger = null);
