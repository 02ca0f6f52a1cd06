using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Guests;
using Virtap.Qtest;

namespace Virtap.EndToEnd.Arm64;

/// <summary>
/// Debian's QEMU for aarch64 in an <see cref="Arm64Machine"/>, and a driver of its two disks: <c>disk0</c>, which has nothing behind it,
/// and <c>slow0</c>, which answers nothing. Each is served by an iothread, has a queue of 128 and uses event_idx.
/// </summary>
public sealed class Arm64Qemu
{
    /// <summary>Entries of a queue.</summary>
    public const int QueueSize = 128;

    private const int Memory = 128;
    private const ulong Ram = 0x40000000, RamUsed = 32 << 20;
    private const int DiskSlot = 2, SlowSlot = 3;

    private static readonly string[] CommandLine =
    [
        "qemu-system-aarch64", "-M", "virt,highmem=off", "-accel", "tcg", "-m", "128", "-nodefaults", "-display", "none",
        // A port of the machine that it runs in: the other end is the test.
        "-qtest", "pipe:/dev/vport0p2", "-qtest-log", "none",
        // Behind the device tree, which QEMU puts at the beginning.
        "-device", "loader,file=/idle,addr=0x40200000,cpu-num=0,force-raw=on",
        "-D", "/tmp/qemu.trace", "-msg", "timestamp=on", "-trace", "virtio_notify_irqfd",
        "-object", "iothread,id=iothread0",
        "-blockdev", "driver=null-co,node-name=backing0,size=1073741824,read-zeroes=on",
        "-device", "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0,num-queues=1,queue-size=128,addr=2",
        // The first read is QEMU's own, of the partition table; the next may come in some minutes.
        "-object", "throttle-group,id=throttle0,x-bps-total=1",
        "-blockdev", "driver=throttle,node-name=slow,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
        "-device", "virtio-blk-pci,id=slow0,drive=slow,iothread=iothread0,num-queues=1,queue-size=128,addr=3",
    ];

    /// <summary>A command takes seconds there, and minutes where the host has other work.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(6);

    private readonly Guest _machine;
    private readonly QtestConnection _qtest;
    private readonly IReadOnlyList<IReadOnlyList<GuestBuffer>> _reads;

    private Arm64Qemu(Guest machine, int id, QtestConnection qtest, GuestRam ram, PciBus bus)
    {
        _machine = machine;
        _qtest = qtest;
        Id = id;
        Disk = Driven(bus, ram, DiskSlot);
        Slow = Driven(bus, ram, SlowSlot);
        _reads = [.. Enumerable.Range(0, QueueSize).Select(n => DeviceRequests.BlockRead(ram, SectorOf(n)))];
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>The queue of <c>disk0</c>.</summary>
    public DrivenQueue Disk { get; }

    /// <summary>The queue of <c>slow0</c>.</summary>
    public DrivenQueue Slow { get; }

    /// <summary>Starts it, and sets its devices up.</summary>
    public static async Task<Arm64Qemu> StartAsync(Arm64Machine machine)
    {
        var guest = await machine.GuestAsync();
        var port = await machine.PortAsync();
        port.ReadTimeout = 120_000;
        var started = await guest.RunAsync(string.Join(' ', CommandLine) + " >/tmp/qemu.log 2>&1 & echo $!");
        var qtest = new QtestConnection(port);
        var ram = new GuestRam(qtest, Ram + RamUsed, ((ulong)Memory << 20) - RamUsed);
        return new Arm64Qemu(guest, int.Parse(started.Output, CultureInfo.InvariantCulture), qtest, ram, PciBus.OfVirt(qtest));
    }

    /// <summary>The sector that request n of a batch reads.</summary>
    public static ulong SectorOf(int n) => 8 * (ulong)n;

    /// <summary>Puts reads into a queue; the device sees them all at once.</summary>
    public IReadOnlyList<DrivenRequest> Put(DrivenQueue queue, int count)
    {
        DrivenRequest[] requests = [.. _reads.Take(count).Select(read => queue.Put(read, indirect: true))];
        queue.Publish();
        return requests;
    }

    /// <summary>Has the disk complete a batch of reads, and announce them by one notification with the last, or by none.</summary>
    public void Complete(int count, bool announced = true)
    {
        if (announced)
            Disk.WantInterrupt(after: count);
        else
            Disk.WantNoInterrupt();
        Put(Disk, count);
        Disk.Kick();
        Disk.TakeAll(count, TimeSpan.FromMinutes(1));
        // As a driver does that has found nothing more: the next completion is to wake it.
        Disk.WantInterrupt();
    }

    /// <summary>Starts a session in the machine, and returns when its probes are in the code.</summary>
    public async Task<MachineSession> AttachAsync(string name, string command)
    {
        var started = await _machine.RunAsync($"{command} >/tmp/{name}.out 2>/tmp/{name}.err & echo $!");
        var id = int.Parse(started.Output, CultureInfo.InvariantCulture);
        // On this kernel a probe is a perf event: they are all there when no more come.
        var waited = await _machine.RunAsync(
            $"old=0; while [ -e /proc/{id}/exe ]; do new=$(ls -l /proc/{id}/fd 2>/dev/null | grep -c perf_event); "
                + "[ $new -gt 0 ] && [ $new = $old ] && break; old=$new; sleep 1; done; echo ${new:-0}",
            s_patience);
        return int.Parse(waited.Output, CultureInfo.InvariantCulture) > 0 ? new MachineSession(_machine, id, name)
            : throw new InvalidOperationException($"{command}: " + (await _machine.RunAsync($"cat /tmp/{name}.err")).Output);
    }

    /// <summary>Runs one of Virtap's commands on it and reads the JSON that it prints.</summary>
    public async Task<(int Status, JsonElement Answer)> AskAsync(string command, string arguments)
    {
        // What the driver has written is on its way until it asks for something.
        _qtest.Flush();
        var ran = await _machine.RunAsync($"virtap {command} {Id} {arguments} --json", s_patience);
        try
        {
            return (ran.Status, JsonDocument.Parse(ran.Output).RootElement);
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"virtap {command}: {ran.Output}");
        }
    }

    /// <summary>The address of <c>disk0</c>, as QEMU's own log of its trace events has it.</summary>
    public async Task<string> LoggedAddressAsync() =>
        (await _machine.RunAsync("grep -m 1 -o 'vdev 0x[0-9a-f]*' /tmp/qemu.trace")).Output.Trim()["vdev 0x".Length..];

    /// <summary>Sets a device up; the interrupts of its queue go to guest memory.</summary>
    private static DrivenQueue Driven(PciBus bus, GuestRam ram, int slot)
    {
        var device = new PciTransport(bus, slot);
        device.EnableMsix(ram.Take(8), 1, 2);
        var driver = VirtioDriver.Begin(device, ram, DriverFeatures.EventIndex | DriverFeatures.IndirectDescriptors);
        var queue = driver.AddQueue(0, QueueSize, vector: 1);
        driver.Ready();
        return queue;
    }
}

/// <summary>A session of Virtap in the machine.</summary>
/// <param name="machine">The machine.</param>
/// <param name="id">Virtap's process id.</param>
/// <param name="name">The name of the files in <c>/tmp</c> that its two streams go to.</param>
public sealed class MachineSession(Guest machine, int id, string name)
{
    /// <summary>Ends it, and returns what it wrote.</summary>
    public async Task<CommandResult> EndAsync()
    {
        // A shell without a terminal has what it starts in the background ignore Ctrl-C.
        await machine.RunAsync($"kill -TERM {id}; while [ -e /proc/{id}/exe ]; do sleep 0.1; done");
        var output = await machine.RunAsync($"cat /tmp/{name}.out");
        var error = await machine.RunAsync($"cat /tmp/{name}.err");
        return new CommandResult(0, output.Output, error.Output);
    }
}
