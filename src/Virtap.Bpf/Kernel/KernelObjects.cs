namespace Virtap.Bpf.Kernel;

/// <summary>The ids of all eBPF objects of the machine: to show that nothing was left behind. Needs CAP_SYS_ADMIN.</summary>
public static class KernelObjects
{
    /// <summary>Ids of all loaded programs, ascending (4.13).</summary>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static IReadOnlyList<uint> Programs() => Ids(BpfCommand.ProgramNextId);

    /// <summary>Ids of all maps, ascending (4.13).</summary>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static IReadOnlyList<uint> Maps() => Ids(BpfCommand.MapNextId);

    /// <summary>Ids of all links, ascending (5.8).</summary>
    /// <exception cref="BpfException">Not permitted.</exception>
    public static IReadOnlyList<uint> Links() => Ids(BpfCommand.LinkNextId);

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
