using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Machines;

/// <summary>
/// What threads of a QEMU are for, as its objects say: it names its threads itself only with <c>-name debug-threads=on</c>.
/// </summary>
public sealed record MachineThreads
{
    private MachineThreads()
    {
    }

    /// <summary>The <c>id=</c> of each iothread, by its thread's id.</summary>
    public IReadOnlyDictionary<int, string> IoThreads { get; private init; } = new Dictionary<int, string>();

    /// <summary>The numbers of the virtual CPUs that each thread runs, by its id: one, or with TCG in one thread all.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<int>> Cpus { get; private init; } = new Dictionary<int, IReadOnlyList<int>>();

    /// <summary>Whether the machine runs; null where that cannot be told.</summary>
    public RunState? RunState { get; private init; }

    /// <summary>Asks a QEMU's objects; nothing is known of what is none, and of one that cannot be read.</summary>
    public static MachineThreads Of(LiveProcess process)
    {
        try
        {
            QemuProcess qemu = QemuProcess.Open(process);
            IReadOnlyList<QomObject> objects = qemu.ReadObjects();
            var search = new ThreadIdSearch(process);
            return new MachineThreads
            {
                IoThreads = objects.Where(static o => o.Type == "iothread")
                    .Select(o => (o.Name, Thread: ServingThreads.ThreadOf(o, search))).Where(static each => each.Thread is not null)
                    .DistinctBy(static each => each.Thread!.Id).ToDictionary(static each => each.Thread!.Id, static each => each.Name),
                // They are made in the order of their numbers, and stand in the tree so.
                Cpus = objects.Where(static o => o.Type.EndsWith("-cpu", StringComparison.Ordinal)).Index()
                    .Select(each => (Number: each.Index, Thread: search.ThreadOf(each.Item))).Where(static each => each.Thread is not null)
                    .GroupBy(static each => each.Thread!.Id, static each => each.Number)
                    .ToDictionary(static each => each.Key, static each => (IReadOnlyList<int>)[.. each]),
                RunState = qemu.ReadRunState(),
            };
        }
        catch (Exception e) when (e is VirtioException or ProcessException)
        {
            return new MachineThreads();
        }
    }
}
