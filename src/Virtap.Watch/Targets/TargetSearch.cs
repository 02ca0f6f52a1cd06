using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;
using Virtap.Processes.Programs;
using Virtap.Virtio;
using Virtap.Virtio.Devices;

namespace Virtap.Watch.Targets;

/// <summary>What is to be looked at.</summary>
/// <param name="ProcessId">The QEMU; null for whichever runs.</param>
/// <param name="Device">The device, as <see cref="DeviceArgument"/> reads names; null for all.</param>
/// <param name="Core">The core that it is in; null for what runs on this host.</param>
public sealed record TargetQuery(int? ProcessId = null, string? Device = null, CoreProcess? Core = null);

/// <summary>Finds devices among the QEMUs of this host, or in a core.</summary>
public static class TargetSearch
{
    /// <summary>All devices that are meant: one, those of a QEMU, or those of all.</summary>
    /// <param name="query">What is meant.</param>
    /// <returns>The devices, none where what was named, or whatever runs, has none; and what was left out.</returns>
    /// <exception cref="VirtioException">A device that was named is not there; the message says what there is.</exception>
    /// <exception cref="ProcessException">The QEMU that was named has ended, or may not be looked into.</exception>
    public static TargetsFound Find(TargetQuery query)
    {
        var found = new TargetsFound([], []);
        if (query.Core is { } core)
            return FindInCore(query, core);
        if (query.Device is { } name)
            return found with { Devices = [FindByName(name, query.ProcessId)] };
        if (query.ProcessId is { } id)
            return DevicesOf(QemuProcess.Open(LiveProcess.Get(id)));

        IReadOnlyList<LiveProcess> running = RunningQemus.Find();
        foreach (LiveProcess process in running)
        {
            try
            {
                found = found.With(DevicesOf(QemuProcess.Open(process)));
            }
            catch (Exception e) when (running.Count > 1 && e is VirtioException or ProcessException)
            {
                found = found.With(new TargetsFound([], [new QemuLeftOut(process, e)]));
            }
        }

        return found;
    }

    /// <summary>
    /// What may be named: the process ids of the QEMUs of this host, each with its machine's name and its devices' names behind it.
    /// </summary>
    public static IEnumerable<string> Names()
    {
        foreach (LiveProcess process in QemuPrograms.Running())
        {
            yield return $"{process.Id}";
            if (RunningQemus.NameOf(process) is { } machine)
                yield return machine;
            IReadOnlyList<VirtioDevice> devices = [];
            try
            {
                devices = QemuProcess.Open(process).FindDevices();
            }
            catch (Exception e) when (e is VirtioException or ProcessException)
            {
                // Nothing of it can be named; whoever names it all the same is told why.
            }

            foreach (VirtioDevice device in devices)
                yield return device.Name;
        }
    }

    private static DeviceTarget FindByName(string name, int? processId)
    {
        VirtioDevice device = DeviceArgument.Resolve(name, processId);
        return new DeviceTarget(QemuProcess.Open(LiveProcess.Get(device.ProcessId)), device);
    }

    private static TargetsFound FindInCore(TargetQuery query, CoreProcess core)
    {
        if (query.ProcessId is { } id && id != core.Id)
            throw new VirtioException($"{core.Path} is of process {core.Id}, not {id}");
        QemuProcess qemu = QemuProcess.Open(core);
        if (query.Device is not { } name)
            return DevicesOf(qemu);
        DeviceSurvey survey = qemu.Survey();
        return new TargetsFound([new DeviceTarget(qemu, DeviceArgument.Find(name, survey.Devices, survey.Unread))], []);
    }

    private static TargetsFound DevicesOf(QemuProcess qemu)
    {
        DeviceSurvey survey = qemu.Survey();
        List<LeftOut> leftOut = [.. survey.Unread.Select(device => new DeviceLeftOut(device))];
        if (!survey.IsTreeWhole)
            leftOut.Add(new TreeCutShort(qemu.Process));
        return new TargetsFound([.. survey.Devices.Select(d => new DeviceTarget(qemu, d))], leftOut);
    }
}

/// <summary>What was found of what was meant.</summary>
/// <param name="Devices">The devices.</param>
/// <param name="LeftOut">What nobody named, is meant too, and cannot be looked at.</param>
public sealed record TargetsFound(IReadOnlyList<DeviceTarget> Devices, IReadOnlyList<LeftOut> LeftOut)
{
    internal TargetsFound With(TargetsFound other) => new([.. Devices, .. other.Devices], [.. LeftOut, .. other.LeftOut]);
}

/// <summary>What cannot be looked at.</summary>
public abstract record LeftOut;

/// <summary>A QEMU that cannot be looked into, for a reason.</summary>
public sealed record QemuLeftOut(LiveProcess Process, Exception Reason) : LeftOut;

/// <summary>A device whose structures are not there or are overwritten.</summary>
public sealed record DeviceLeftOut(UnreadDevice Device) : LeftOut;

/// <summary>Devices of which nothing is known, if there are any: part of the QEMU's object tree is not there.</summary>
public sealed record TreeCutShort(TargetProcess Process) : LeftOut;

/// <summary>A device that is to be looked at.</summary>
/// <param name="Qemu">Its QEMU.</param>
/// <param name="Device">The device.</param>
public sealed record DeviceTarget(QemuProcess Qemu, VirtioDevice Device);
