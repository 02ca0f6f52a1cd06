using System.Diagnostics;

namespace Virtap.Qtest;

/// <summary>
/// A queue as its driver has it. What is put into it is not seen by the device before <see cref="Publish"/>, and may not be looked for
/// before <see cref="Kick"/>.
/// </summary>
public abstract class DrivenQueue
{
    private readonly List<DrivenRequest> _inFlight = [];

    private protected DrivenQueue(VirtioDriver driver, int index, int size, bool hasEventIndex)
    {
        Driver = driver;
        Index = index;
        Size = size;
        HasEventIndex = hasEventIndex;
    }

    /// <summary>Its number in the device.</summary>
    public int Index { get; }

    /// <summary>Its entries.</summary>
    public int Size { get; }

    /// <summary>Guest-physical address of the descriptors.</summary>
    public ulong Descriptors { get; private protected init; }

    /// <summary>Guest-physical address of the avail ring (packed: of the driver's event structure).</summary>
    public ulong DriverArea { get; private protected init; }

    /// <summary>Guest-physical address of the used ring (packed: of the device's event structure).</summary>
    public ulong DeviceArea { get; private protected init; }

    /// <summary>Whether EVENT_IDX was agreed on.</summary>
    public bool HasEventIndex { get; }

    /// <summary>
    /// Split ring: how many requests were made available so far, modulo 2^16. Packed ring: where the next descriptor goes.
    /// </summary>
    public abstract ushort AvailIndex { get; }

    /// <summary>
    /// Split ring: how many requests the driver has taken back so far, modulo 2^16. Packed ring: where the next one will be given back.
    /// </summary>
    public abstract ushort UsedIndex { get; }

    /// <summary>Packed ring: the wrap counter beside <see cref="AvailIndex"/>; null for a split ring.</summary>
    public virtual bool? AvailWrap => null;

    /// <summary>Packed ring: the wrap counter beside <see cref="UsedIndex"/>; null for a split ring.</summary>
    public virtual bool? UsedWrap => null;

    /// <summary>
    /// The event index that the driver last wrote (<c>used_event</c>; packed: offset and wrap counter); null where it has none.
    /// </summary>
    public ushort? UsedEvent { get; private protected set; }

    /// <summary>The requests that were put into it and not taken back, oldest first.</summary>
    public IReadOnlyList<DrivenRequest> InFlight => _inFlight;

    /// <summary>How often it was kicked.</summary>
    public int Kicks { get; private set; }

    /// <summary>Descriptors that are free.</summary>
    public int Free => Size - _inFlight.Sum(r => r.Descriptors);

    private protected VirtioDriver Driver { get; }

    private protected QtestConnection Qtest => Driver.Transport.Qtest;

    /// <summary>Puts a request into the ring.</summary>
    /// <param name="buffers">Its buffers: first those that the device reads, then those that it writes.</param>
    /// <param name="indirect">Whether its descriptors are in a table of their own.</param>
    public DrivenRequest Put(IReadOnlyList<GuestBuffer> buffers, bool indirect = false)
    {
        int descriptors = indirect ? 1 : buffers.Count;
        if (descriptors > Free)
            throw new InvalidOperationException($"queue {Index} is full");
        if (indirect && !Driver.Has(DriverFeatures.IndirectDescriptors))
            throw new InvalidOperationException("indirect descriptors were not agreed on");
        ulong? table = indirect ? PutTable(buffers) : null;
        var request = new DrivenRequest(PutDescriptors(buffers, table), buffers, table, descriptors);
        _inFlight.Add(request);
        return request;
    }

    /// <summary>Lets the device see what was put.</summary>
    public abstract void Publish();

    /// <summary>Kicks the device, whether it wants it or not.</summary>
    public void Kick()
    {
        Kicks++;
        Driver.Transport.Notify(Index);
        Qtest.Flush();
    }

    /// <summary>Puts a request, lets the device see it, and kicks.</summary>
    public DrivenRequest Submit(IReadOnlyList<GuestBuffer> buffers, bool indirect = false)
    {
        DrivenRequest request = Put(buffers, indirect);
        Publish();
        Kick();
        return request;
    }

    /// <summary>Takes back what the device has given back since.</summary>
    /// <returns>The requests in the order in which they were given back.</returns>
    public IReadOnlyList<DrivenRequest> Take()
    {
        List<DrivenRequest> taken = [];
        while (TakeNext() is { } id)
        {
            DrivenRequest request = _inFlight.First(r => r.Id == id);
            _inFlight.Remove(request);
            taken.Add(request);
        }

        return taken;
    }

    /// <summary>Takes back until a number of requests has come.</summary>
    /// <exception cref="TimeoutException">They have not come within ten seconds, or as long as was said.</exception>
    public IReadOnlyList<DrivenRequest> TakeAll(int count, TimeSpan? limit = null)
    {
        List<DrivenRequest> taken = [];
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            taken.AddRange(Take());
            if (taken.Count >= count)
                return taken;
            if (Stopwatch.GetElapsedTime(begin) > (limit ?? TimeSpan.FromSeconds(10)))
                throw new TimeoutException($"queue {Index}: {taken.Count} of {count} requests were given back");
            Thread.Sleep(1);
        }
    }

    /// <summary>
    /// Asks for an interrupt with the next request that is given back, as a driver does before it sleeps, or with a later one.
    /// </summary>
    /// <param name="after">With which: 1 for the next one.</param>
    public abstract void WantInterrupt(int after = 1);

    /// <summary>Asks for no interrupts, as a driver does that polls.</summary>
    public abstract void WantNoInterrupt();

    /// <summary>Writes descriptors where they belong.</summary>
    /// <returns>The id by which the device gives the request back.</returns>
    private protected abstract ushort PutDescriptors(IReadOnlyList<GuestBuffer> buffers, ulong? table);

    /// <summary>Writes a table of indirect descriptors.</summary>
    private protected abstract ulong PutTable(IReadOnlyList<GuestBuffer> buffers);

    /// <summary>Takes back one request.</summary>
    /// <returns>Its id; null where the device has given back none.</returns>
    private protected abstract ushort? TakeNext();
}

/// <summary>A piece of guest memory that a request uses.</summary>
/// <param name="Address">Guest-physical.</param>
/// <param name="Length">In bytes.</param>
/// <param name="DeviceWrites">Whether the device writes it; otherwise it reads it.</param>
public readonly record struct GuestBuffer(ulong Address, uint Length, bool DeviceWrites);

/// <summary>A request in flight.</summary>
/// <param name="Id">What the device gives back: the number of its first descriptor (packed: its buffer id).</param>
/// <param name="Buffers">Its buffers.</param>
/// <param name="Table">Guest-physical address of its table of indirect descriptors; null where it has none.</param>
/// <param name="Descriptors">How many descriptors of the ring it takes.</param>
public sealed record DrivenRequest(ushort Id, IReadOnlyList<GuestBuffer> Buffers, ulong? Table, int Descriptors);
