using Virtap.Processes;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>The threads in which a QEMU runs its guest's CPUs.</summary>
internal static class VirtualCpus
{
    /// <summary>For how long none of them has run, at least; null where one runs, or that cannot be told.</summary>
    /// <param name="process">The QEMU.</param>
    /// <param name="objects">Its objects.</param>
    public static TimeSpan? AtRestFor(LiveProcess process, IReadOnlyList<QomObject> objects)
    {
        var search = new ThreadIdSearch(process);
        TimeSpan? shortest = null;
        foreach (QomObject cpu in objects.Where(o => o.Type.EndsWith("-cpu", StringComparison.Ordinal)))
        {
            // One that emulates may run several CPUs in one thread.
            if (search.ThreadOf(cpu)?.AtRestFor() is not { } rest)
                return null;
            shortest = shortest < rest ? shortest : rest;
        }

        return shortest;
    }
}
