using System.CommandLine.Completions;
using System.Globalization;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Processes.Files;
using Virtap.Virtio;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Targets;

/// <summary>Finds what a command line's words mean among the QEMUs of this host.</summary>
internal static class TargetSearch
{
    /// <summary>All devices that the words mean: one, those of a QEMU, or those of all. A QEMU that nobody named and that cannot be looked into is told on standard error and left out.</summary>
    /// <param name="words">The words.</param>
    /// <param name="core">The core that they are about; null for what runs on this host.</param>
    /// <exception cref="VirtioException">There is none; the message says what there is.</exception>
    /// <exception cref="ProcessException">The QEMU that was named has ended, or may not be looked into.</exception>
    public static IReadOnlyList<DeviceTarget> Find(TargetWords words, CoreProcess? core = null)
    {
        if (core is not null)
            return FindInCore(words, core);
        if (words.Device is not null)
            return [FindOne(words)];
        if (words.ProcessId is { } id)
            return DevicesOf(QemuProcess.Open(Process(id))) is { Length: > 0 } devices ? devices : throw new VirtioException($"QEMU {id} has no virtio device");
        IReadOnlyList<LiveProcess> running = QemuPrograms.Running();
        if (running.Count == 0)
            throw new VirtioException("no QEMU is running on this host");
        var targets = new List<DeviceTarget>();
        foreach (LiveProcess process in running)
        {
            try
            {
                targets.AddRange(DevicesOf(QemuProcess.Open(process)));
            }
            catch (Exception e) when (running.Count > 1 && e is VirtioException or ProcessException)
            {
                Console.Error.WriteLine($"warning: {process} is left out: {e.Message}");
            }
        }

        return targets.Count > 0 ? targets : throw new VirtioException("no QEMU on this host has a virtio device that can be shown; virtap ls tells more");
    }

    /// <summary>The one device that the words mean. It need not be named where there is only one.</summary>
    /// <param name="words">The words.</param>
    /// <param name="core">The core that they are about; null for what runs on this host.</param>
    /// <exception cref="VirtioException">There is none, or more than one; the message says what there is.</exception>
    /// <exception cref="ProcessException">The QEMU has ended, or may not be looked into.</exception>
    public static DeviceTarget FindOne(TargetWords words, CoreProcess? core = null)
    {
        if (core is null && words.Device is { } name)
        {
            VirtioDevice device = DeviceArgument.Resolve(name, words.ProcessId);
            return new DeviceTarget(QemuProcess.Open(Process(device.ProcessId)), device);
        }

        IReadOnlyList<DeviceTarget> targets = Find(words, core);
        return targets.Count == 1 ? targets[0] : targets.Count == 0 ? throw new VirtioException("there is no virtio device")
            : throw new VirtioException($"which device? There are {string.Join(", ", targets.Select(t => $"{t.Device.ProcessId} {t.Device.Name} ({t.Device.Kind})"))}");
    }

    /// <summary>What may stand where a process or a device is asked for, for the shell's completion.</summary>
    public static IEnumerable<CompletionItem> Suggestions()
    {
        foreach (LiveProcess process in QemuPrograms.Running())
        {
            yield return new CompletionItem(process.Id.ToString(CultureInfo.InvariantCulture));
            IReadOnlyList<VirtioDevice> devices = [];
            try
            {
                devices = QemuProcess.Open(process).FindDevices();
            }
            catch (Exception e) when (e is VirtioException or ProcessException)
            {
                // Nothing to suggest; the command itself will say why.
            }

            foreach (VirtioDevice device in devices)
                yield return new CompletionItem(device.Name);
        }
    }

    private static DeviceTarget[] FindInCore(TargetWords words, CoreProcess core)
    {
        if (words.ProcessId is { } id && id != core.Id)
            throw new VirtioException($"{core.Path} is of process {core.Id}, not {id}");
        QemuProcess qemu = QemuProcess.Open(core);
        return words.Device is { } name ? [new DeviceTarget(qemu, DeviceArgument.Find(name, qemu.FindDevices()))] : DevicesOf(qemu);
    }

    private static LiveProcess Process(int id) => LiveProcess.Find(id) ?? throw new VirtioException($"there is no process {id}");

    private static DeviceTarget[] DevicesOf(QemuProcess qemu) => [.. qemu.FindDevices().Select(d => new DeviceTarget(qemu, d))];
}
