using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Debugging.Control;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.List;

/// <summary>Machines for a person: a line for each, below it its devices.</summary>
internal static class ListText
{
    public static void Write(TextOutput output, IReadOnlyList<QemuMachine> machines, IReadOnlyList<LiveProcess> outOfSight, bool isLong)
    {
        if (machines.Count == 0 && outOfSight.Count == 0)
            output.WriteLine("no QEMU is running on this host");
        for (int i = 0; i < machines.Count; i++)
        {
            if (i > 0)
                output.WriteLine();
            WriteMachine(output, machines[i], isLong);
        }

        if (RunningQemus.Describe(outOfSight) is { } others)
            output.WriteLine(others, Tone.Caution);
    }

    private static void WriteMachine(TextOutput output, QemuMachine machine, bool isLong)
    {
        output.Write($"{machine.Process.Id}", Tone.Strong);
        output.Write("  ");
        output.Write(machine.Name ?? "(no name)", machine.Name is null ? Tone.Quiet : Tone.Strong);
        output.WriteLine("  " + string.Join(", ", Facts(machine)));
        if (machine.Problem is { } problem)
            output.WriteLine("  devices cannot be shown: " + problem, Tone.Bad);
        else if (machine is { Devices.Count: 0, Start: null, Survey.Unread.Count: 0 })
            output.WriteLine(
                IsCutShort(machine)
                ? "  no virtio devices in what there is of the core" : "  no virtio devices");
        else if (isLong)
            WriteDevices(output, machine.Devices);
        else if (machine.Devices.Count > 0)
            Table(machine.Devices).WriteFitted(output, "  ");
        foreach (UnreadDevice device in machine.Survey?.Unread ?? [])
            output.WriteLine($"  {device.Name} ({device.Type}) cannot be looked at: {LeftOutWords.Unread}", Tone.Bad);
        if (machine.Survey is { IsTreeWhole: false })
            output.WriteLine("  " + (machine.Process is CoreProcess ? LeftOutWords.TreeInCore : LeftOutWords.TreeInMemory), Tone.Caution);
        if (machine.Start is { } start)
            output.WriteLine("  " + StartWords.Of(start), Tone.Caution);
        foreach (string difference in machine.Monitor?.Differences ?? [])
            output.WriteLine($"  QMP says otherwise: {difference}", Tone.Bad);
        if (isLong && machine.Monitor is { Differences.Count: 0 } monitor)
            output.WriteLine($"  names are as QMP says ({monitor.Socket})", Tone.Quiet);
    }

    /// <summary>Whether nothing is found in a core of which not all is there.</summary>
    public static bool IsCutShort(QemuMachine machine) => machine is { Devices.Count: 0, Start: null }
        and ({ Process: CoreProcess { MissingBytes: > 0 } } or { Process: CoreProcess, Survey.IsTreeWhole: false });

    private static IEnumerable<string> Facts(QemuMachine machine)
    {
        string program = machine.Process.ExecutableName ?? machine.Process.Name;
        yield return machine.Version is { } version
            ? $"QEMU {version}" : machine.Problem is null ? "QEMU of unknown version" : "not known to be a QEMU";
        if (machine.CpuCount is { } count)
            yield return Figures.Count(count, "vCPU");
        if (machine.Process is LiveProcess live)
            yield return $"up {Figures.Duration(live.Uptime)}";
        if (machine.Process is LiveProcess { IsStopped: true })
            yield return "STOPPED by a signal or a debugger";
        if (machine.Process is CoreProcess core)
            yield return core.Signal is { } signal ? $"core, ended by {Signals.NameOf(signal)}" : "core";
        yield return machine.Process is LiveProcess { IsExecutableDeleted: true } ? $"{program} (deleted)" : program;
    }

    private static TextTable Table(IReadOnlyList<MachineDevice> devices)
    {
        var table = new TextTable(
            new Column("DEVICE"), new Column("KIND", Leaves: 5), new Column("BACKEND", Leaves: 4), new Column("SERVED BY", Leaves: 6),
            new Column("BUS", Leaves: 2), new Column("ADDRESS", Leaves: 1), new Column("QUEUES", Leaves: 3), new Column("STATE"));
        foreach (MachineDevice device in devices)
        {
            (string state, Tone tone) = StateOf(device.State);
            table.Add(
                new Cell(device.Device.Name, Tone.Name), device.Device.Kind, device.Backend
                ?? "-", ServedBy(device, QueueThreads.Names), device.Pci?.ToString() ?? "-",
                new Cell(Figures.Address(device.Device.Address), Tone.Quiet), Queues(device.State), new Cell(state, tone));
        }

        return table;
    }

    private static void WriteDevices(TextOutput output, IReadOnlyList<MachineDevice> devices)
    {
        foreach (MachineDevice device in devices)
        {
            DeviceState state = device.State;
            (string word, Tone tone) = StateOf(state);
            output.Write("  ");
            output.Write(device.Device.Name, Tone.Name);
            output.Write($"  {device.Device.Kind}  ");
            output.WriteLine(word, tone);
            Detail("address", $"{Figures.Address(device.Device.Address)} ({device.Device.Type})");
            Detail("path", device.Device.QomPath ?? "not known");
            Detail(
                "on", device.Pci is { } pci ? $"{pci} ({device.Device.TransportType})" : device.Device.TransportType
                ?? "a virtio-mmio bus");
            if (device.Backend is { } backend)
                Detail("backend", backend);
            Detail("served by", ServedBy(device, QueueThreads.ByName));
            Detail(
                "status",
                state.Status switch { null => "not known", DeviceStatus.None => "none: the device is reset",
                    { } status => status.ToString() });
            Detail("features", Names(state.GuestFeatureNames));
            Detail("not taken", Names(state.HostFeatureNames.Except(state.GuestFeatureNames)));
            Detail("queues", Queues(state) + (state.IsPacked ? ", packed" : ""));
        }

        void Detail(string name, string text)
        {
            output.Write($"    {name,-10}", Tone.Quiet);
            output.WriteLine(text);
        }
    }

    private static string Names(IEnumerable<string> names) => string.Join(' ', names) is { Length: > 0 } text ? text : "none";

    // QEMU itself never serves a device that is made for vhost: its backend is gone, or has not been given it yet.
    private static string ServedBy(MachineDevice device, Func<VirtioDevice, string> threads) => device.State.VhostStarted switch
    {
        true => "vhost",
        false when device.Device.Type.StartsWith("vhost-", StringComparison.Ordinal) => "vhost, not at work",
        _ => threads(device.Device),
    };

    /// <summary>As in <c>4 x 128</c>: how many queues and of what size; sizes that differ each for itself.</summary>
    private static string Queues(DeviceState state) =>
        string.Join(
            " + ", state.Queues.Select(q => q.Number).Where(n => n != 0).CountBy(n => n)
            .Select(g => $"{g.Value} x {g.Key}")) is { Length: > 0 } text ? text : "none";

    private static (string Text, Tone Tone) StateOf(DeviceState state) => state switch
    {
        { Broken: true } => ("broken", Tone.Bad),
        { Status: { } status } when status.HasFlag(DeviceStatus.NeedsReset) => ("needs reset", Tone.Bad),
        { Status: { } status } when status.HasFlag(DeviceStatus.Failed) => ("given up by its driver", Tone.Bad),
        { Status: { } status } when !status.HasFlag(DeviceStatus.DriverOk) => ("no driver", Tone.Caution),
        { VmRunning: false } => ("paused", Tone.Caution),
        { Status: not null } => ("driven", Tone.Good),
        _ => ("not known", Tone.Plain),
    };
}
