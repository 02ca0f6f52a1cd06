using Virtap.Interop;

namespace Virtap.Bpf.Kernel;

/// <summary>The ids of all eBPF objects of the machine: to show that nothing was left behind. Needs CAP_SYS_ADMIN.</summary>
public static class KernelObjects
{
    /// <summary>Ids of all loaded programs, ascending (4.13).</summary>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static IReadOnlyList<uint> Programs() => Ids(BpfCommand.ProgramNextId);

    /// <summary>
    /// Waits until the kernel has given up programs that nobody holds any more: not before the last link that runs one has
    /// been taken apart, breakpoints and all.
    /// </summary>
    /// <returns>Whether it has, within the limit.</returns>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static bool WaitForEnd(IEnumerable<uint> programs, TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        foreach (uint id in programs)
        {
            while (HasProgram(id))
            {
                if (Environment.TickCount64 >= deadline)
                    return false;
                Thread.Sleep(1);
            }
        }

        return true;
    }

    /// <summary>Ids of all maps, ascending (4.13).</summary>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static IReadOnlyList<uint> Maps() => Ids(BpfCommand.MapNextId);

    /// <summary>Ids of all links, ascending (5.8).</summary>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static IReadOnlyList<uint> Links() => Ids(BpfCommand.LinkNextId);

    private static bool HasProgram(uint id)
    {
        // The next one after the id before it.
        var attributes = new NextIdAttributes { Start = id - 1 };
        int result = BpfSyscall.Try(BpfCommand.ProgramNextId, ref attributes);
        if (result >= 0)
            return attributes.Next == id;
        return result == -Errno.NoEntry ? false : throw BpfException.FromError("listing eBPF objects", -result);
    }

    private static List<uint> Ids(BpfCommand command)
    {
        List<uint> ids = [];
        var attributes = new NextIdAttributes();
        while (true)
        {
            int result = BpfSyscall.Try(command, ref attributes);
            if (result == -Errno.NoEntry)
                return ids;
            if (result < 0)
                throw BpfException.FromError("listing eBPF objects", -result);
            ids.Add(attributes.Next);
            attributes = new NextIdAttributes { Start = attributes.Next };
        }
    }
}
