using System.Text.Json;
using System.Text.RegularExpressions;
using Virtap.Processes;
using Virtap.Qtest;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Monitors;

namespace Virtap.Virtio.Tests.Support;

/// <summary>
/// A QEMU of some release, with devices of many kinds whose drivers are the test's: disks that answer and one that does not, a SCSI
/// adapter, a network. Killed when disposed.
/// </summary>
public sealed partial class DrivenQemu : IDisposable
{
    private const DriverFeatures Usual = DriverFeatures.EventIndex | DriverFeatures.IndirectDescriptors;

    private readonly QmpClient _qmp;
    private readonly PciBus _bus;
    private readonly Dictionary<string, VirtioDriver> _drivers = [];

    private DrivenQemu(QtestMachine machine)
    {
        Machine = machine;
        _qmp = new QmpClient(machine.Monitor);
        _bus = PciBus.OfPc(machine.Qtest);
        JsonElement version = Ask("query-version").GetProperty("qemu");
        Version = new Version(version.GetProperty("major").GetInt32(), version.GetProperty("minor").GetInt32());
    }

    /// <summary>The machine.</summary>
    public QtestMachine Machine { get; }

    /// <summary>QEMU's version, as it says itself.</summary>
    public Version Version { get; }

    /// <summary>The drivers, by their devices' ids.</summary>
    public IReadOnlyDictionary<string, VirtioDriver> Drivers => _drivers;

    /// <summary>It, as Virtap sees it.</summary>
    public QemuProcess Process => QemuProcess.Open(LiveProcess.Find(Machine.Id)!);

    /// <summary>
    /// Starts the QEMU of a release; skips the test where there is none: <c>5.2</c>, one that <c>scripts/other-qemus</c> has fetched or
    /// that is installed; <c>newest</c>, the newest of those fetched.
    /// </summary>
    public static DrivenQemu Start(string release)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading another process takes root");
        RunnableQemu qemu = Find(release);
        Version version = System.Version.Parse(Path.GetFileName(qemu.Root) is { Length: > 0 } name ? name : release);
        string[] ordered = version >= new Version(9, 2)
            ? ["-device", "virtio-blk-pci,id=ordered0,drive=backing4,addr=9,num-queues=1,in_order=on"] : [],
        mapped = version >= new Version(9, 0) ? ["-device",
            """
            {"driver": "virtio-blk-pci", "id": "mapped0", "drive": "backing5", "addr": "a", "num-queues": 4,
             "iothread-vq-mapping": [{"iothread": "iothread0"}, {"iothread": "iothread1"}]}
            """, "-device",
            """
            {"driver": "virtio-blk-pci", "id": "mapped1", "drive": "backing6", "addr": "b", "num-queues": 3,
             "iothread-vq-mapping": [{"iothread": "iothread0", "vqs": [1]}, {"iothread": "iothread1", "vqs": [0, 2]}]}
            """] : [];
        var machine = QtestMachine.StartPc(qemu,
            ["-object", "iothread,id=iothread0", "-object", "iothread,id=iothread1", .. Enumerable.Range(0, 7).SelectMany(Backing),
                "-object", "throttle-group,id=throttle0",
                "-blockdev", "driver=throttle,node-name=throttled0,throttle-group=throttle0,file.driver=null-co,file.size=1073741824",
                "-netdev", "user,id=net0",
                "-device", "virtio-blk-pci,id=disk0,drive=backing0,addr=4,num-queues=2,iothread=iothread0",
                "-device", "virtio-blk-pci,id=eager0,drive=backing3,addr=c,num-queues=1,iothread=iothread0",
                "-device", "virtio-blk-pci,id=packed0,drive=backing1,addr=5,num-queues=1,packed=on",
                "-device", "virtio-blk-pci,id=stuck0,drive=throttled0,addr=6,num-queues=1",
                "-device", "virtio-scsi-pci,id=scsi0,addr=7,num_queues=2,iothread=iothread1",
                "-device", "scsi-hd,bus=scsi0.0,drive=backing2",
                "-device", "virtio-net-pci,id=nic0,netdev=net0,addr=8,romfile=", .. ordered, .. mapped]);
        try
        {
            var driven = new DrivenQemu(machine);
            driven.Drive();
            return driven;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <summary>The QEMU of a release, as <see cref="Start"/> says.</summary>
    public static RunnableQemu Find(string release)
    {
        RunnableQemu? qemu = FindOrNull(release);
        Assert.SkipWhen(qemu is null, $"there is no QEMU {release} that could be run: scripts/other-qemus fetches it");
        return qemu;
    }

    /// <summary>Runs a QMP command.</summary>
    public JsonElement Ask(string command, string arguments = "{}")
    {
        JsonElement answer = _qmp.Execute(command, arguments);
        return answer.TryGetProperty("return", out JsonElement result) ? result : throw new InvalidOperationException(answer.ToString());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Machine.Dispose();
        _qmp.Dispose();
    }

    private static string[] Backing(int number) => ["-blockdev", $"driver=null-co,node-name=backing{number},size=1073741824"];

    private static RunnableQemu? FindOrNull(string release)
    {
        const string Inside = "/usr/bin/qemu-system-x86_64";
        string? folder = Path.GetDirectoryName(Repository.Find(Path.Combine("out", "qemu", "stamp")));
        string[] roots = folder is null ? []
            : [.. Directory.GetDirectories(folder).Where(d => VersionName().IsMatch(Path.GetFileName(d)) && File.Exists(d + Inside))];
        if (release == "newest")
            return roots.MaxBy(d => System.Version.Parse(Path.GetFileName(d))) is { } newest ? new RunnableQemu(newest, Inside) : null;
        if (roots.FirstOrDefault(d => Path.GetFileName(d) == release) is { } root)
            return new RunnableQemu(root, Inside);
        return File.Exists(Qemu.Program) && InstalledVersion().StartsWith($"QEMU emulator version {release}.", StringComparison.Ordinal)
            ? new RunnableQemu("", Qemu.Program) : null;
    }

    private static string InstalledVersion()
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(Qemu.Program, ["--version"]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }

    // Every device with a history: requests that came back, and on the disk that does not answer some that do not.
    private void Drive()
    {
        Disk("disk0", 4, Usual, [64, 128]);
        Disk("eager0", 12, DriverFeatures.None, [64]);
        Disk("packed0", 5, Usual | DriverFeatures.Packed, [64]);
        if (Version >= new Version(9, 2))
            Disk("ordered0", 9, Usual | DriverFeatures.InOrder, [64]);
        if (Version >= new Version(9, 0))
        {
            Disk("mapped0", 10, Usual, [64, 64, 64, 64]);
            Disk("mapped1", 11, Usual, [64, 64, 64]);
        }

        Ask("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": 1}}""");
        VirtioDriver stuck = Begin("stuck0", 6, Usual, [64]);
        for (ulong n = 0; n < 4; n++)
            stuck.Queues[0].Submit(DeviceRequests.BlockRead(Machine.Ram, n), indirect: n == 3);
        stuck.Queues[0].TakeAll(1);

        VirtioDriver scsi = Begin("scsi0", 7, Usual, [16, 16, 64, 64]);
        for (int n = 0; n < 3; n++)
        {
            scsi.Queues[3].Submit(DeviceRequests.ScsiInquiry(Machine.Ram));
            scsi.Queues[3].TakeAll(1);
        }

        VirtioDriver nic = Begin("nic0", 8, DriverFeatures.None, [32, 32]);
        for (int n = 0; n < 5; n++)
            nic.Queues[0].Put(DeviceRequests.NetworkRoom(Machine.Ram));
        nic.Queues[0].Publish();
        nic.Queues[0].Kick();
        nic.Queues[1].Submit(DeviceRequests.NetworkPacket(Machine.Ram));
        nic.Queues[1].TakeAll(1);
    }

    private void Disk(string id, int slot, DriverFeatures features, int[] sizes)
    {
        VirtioDriver driver = Begin(id, slot, features, sizes);
        bool hasTables = driver.Has(DriverFeatures.IndirectDescriptors);
        foreach (DrivenQueue queue in driver.Queues)
        {
            for (int n = 0; n < 5 + (30 * queue.Index); n++)
            {
                queue.Submit(DeviceRequests.BlockRead(Machine.Ram, (ulong)n), indirect: hasTables && n % 2 == 0);
                queue.TakeAll(1);
            }

            queue.WantInterrupt();
        }

        Machine.Qtest.Flush();
    }

    private VirtioDriver Begin(string id, int slot, DriverFeatures features, int[] sizes)
    {
        var transport = new PciTransport(_bus, slot);
        transport.EnableMsix(Machine.Ram.Take(4 * sizes.Length), 1, sizes.Length);
        VirtioDriver driver = VirtioDriver.Begin(transport, Machine.Ram, features);
        for (int queue = 0; queue < sizes.Length; queue++)
            driver.AddQueue(queue, sizes[queue], vector: queue);
        driver.Ready();
        _drivers[id] = driver;
        return driver;
    }

    [GeneratedRegex(@"^\d+\.\d+$")]
    private static partial Regex VersionName();
}
