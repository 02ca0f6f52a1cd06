using System.Globalization;
using System.Runtime.InteropServices;

namespace Virtap.EndToEnd.Targets;

/// <summary>A process's memory, looked at past the tracer, to see what tracing did to it.</summary>
public static class TracedMemory
{
    /// <summary>Reads an SDT semaphore.</summary>
    public static ushort ReadSemaphore(int process, ulong address) => ReadSemaphores(process, address, 1)[0];

    /// <summary>How many of some SDT semaphores, one behind the other, are not 0.</summary>
    public static int CountRaisedSemaphores(int process, ulong address, int count) =>
        ReadSemaphores(process, address, count).Count(value => value != 0);

    /// <summary>
    /// How many bytes of a process's code differ from the file that it was mapped from. A uprobe is one such byte (int3),
    /// so this is 0 for a program that nobody probes and that does not write to its own code.
    /// </summary>
    public static int CountChangedCodeBytes(int process, string executable)
    {
        var changed = 0;
        using var memory = OpenMemory(process);
        using var file = File.OpenRead(executable);
        foreach (var line in File.ReadLines($"/proc/{process}/maps"))
        {
            // 5581c0a00000-5581c1000000 r-xp 00300000 fd:00 1234   /usr/bin/program
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 6 || fields[5] != executable || !fields[1].Contains('x', StringComparison.Ordinal))
                continue;
            var range = fields[0].Split('-').Select(text => long.Parse(text, NumberStyles.HexNumber)).ToArray();
            file.Position = long.Parse(fields[2], NumberStyles.HexNumber);
            memory.Position = range[0];

            // The file may end inside the last page.
            var length = (int)Math.Min(range[1] - range[0], file.Length - file.Position);
            var there = new byte[length];
            var here = new byte[length];
            memory.ReadExactly(there);
            file.ReadExactly(here);
            for (var i = 0; i < length; i++)
                changed += there[i] == here[i] ? 0 : 1;
        }

        return changed;
    }

    private static ushort[] ReadSemaphores(int process, ulong address, int count)
    {
        var bytes = new byte[count * sizeof(ushort)];
        using var memory = OpenMemory(process);
        memory.Position = checked((long)address);
        memory.ReadExactly(bytes);
        return MemoryMarshal.Cast<byte, ushort>(bytes).ToArray();
    }

    private static FileStream OpenMemory(int process) =>
        new($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
}
