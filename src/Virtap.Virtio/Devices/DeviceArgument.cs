using System.Globalization;
using Virtap.Processes;
using Virtap.Processes.Access;

namespace Virtap.Virtio.Devices;

/// <summary>
/// The names of devices on command lines: <c>vdev:disk0</c>, or <c>vdev:PID/disk0</c> or <c>vdev:web01/disk0</c>, with the machine's name,
/// where several QEMUs have a <c>disk0</c>. A device is named by its <c>id=</c>, by its name in QEMU's object model when it has none
/// (<c>device[3]</c>), or by its whole path there.
/// </summary>
public static class DeviceArgument
{
    private const string Prefix = "vdev:";

    /// <summary>Whether an argument names a device.</summary>
    public static bool IsDeviceArgument(string argument) => argument.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Finds the device that an argument names.</summary>
    /// <param name="argument"><c>vdev:NAME</c>, <c>vdev:PID/NAME</c> or <c>vdev:MACHINE/NAME</c>.</param>
    /// <param name="processId">The QEMU that is meant where the argument does not say (<c>-x PID</c>); null to look in all.</param>
    /// <exception cref="VirtioException">There is none of that name, or more than one; the message lists those there are.</exception>
    /// <exception cref="ProcessException">The QEMU has ended, or may not be looked into.</exception>
    public static VirtioDevice Resolve(string argument, int? processId = null)
    {
        (int? machine, string name) = Split(argument);
        processId = machine ?? processId;
        if (name.Length == 0)
            throw new VirtioException($"{argument} names no device: {Prefix}NAME or {Prefix}PID/NAME");
        List<string> problems = [];
        return Choose(name, Devices(processId, problems), problems, processId is { } id ? $" in process {id}" : "");
    }

    /// <summary>Whether a word by itself is the name of a device, be it of one or of several.</summary>
    /// <param name="word">The word.</param>
    /// <param name="processId">The QEMU that is meant; null to look in all.</param>
    /// <exception cref="VirtioException">No QEMU runs.</exception>
    /// <exception cref="ProcessException">The QEMU has ended, or may not be looked into.</exception>
    public static bool IsName(string word, int? processId = null) =>
        Devices(processId, []).Exists(device => device.Id == word || device.Name == word);

    /// <summary>The process id of the QEMU that an argument itself names; null where it names none.</summary>
    /// <exception cref="VirtioException">It names a machine by a name that several have.</exception>
    public static int? MachineOf(string argument) => Split(argument).Machine;

    // A path in QEMU's object model has strokes too.
    private static (int? Machine, string Name) Split(string argument)
    {
        string name = IsDeviceArgument(argument) ? argument[Prefix.Length..] : argument;
        int slash = name.IndexOf('/');
        if (slash <= 0)
            return (null, name);
        string word = name[..slash];
        int? machine = int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : RunningQemus.Named(word)?.Id;
        return machine is null ? (null, name) : (machine, name[(slash + 1)..]);
    }

    /// <summary>Finds the device of a name among some.</summary>
    /// <param name="name">Its id, its name in QEMU's object model, or its path there; with or without <c>vdev:</c>.</param>
    /// <param name="devices">Those that there are.</param>
    /// <param name="unread">Those that cannot be looked at.</param>
    /// <exception cref="VirtioException">There is none of that name to be looked at; the message lists those there are.</exception>
    public static VirtioDevice Find(string name, IReadOnlyList<VirtioDevice> devices, IReadOnlyList<UnreadDevice> unread)
    {
        string bare = IsDeviceArgument(name) ? name[Prefix.Length..] : name;
        if (unread.FirstOrDefault(d => d.Name == bare || d.QomPath == bare) is { } lost && !devices.Any(d => d.Name == bare))
            throw new VirtioException($"{bare} ({lost.Type}) cannot be looked at: its structures are not there, or are overwritten");
        return Choose(bare, devices, [], "");
    }

    private static VirtioDevice Choose(string name, IReadOnlyList<VirtioDevice> devices, List<string> problems, string place)
    {
        VirtioDevice[] named = [.. devices.Where(d => d.Id == name)];
        if (named.Length == 0)
            named = [
                .. devices.Where(
                    d => d.Name == name || d.QomPath == name || d.QomPath == "/" + name || d.QomPath == name + "/virtio-backend")];
        return named.Length == 1 ? named[0] : throw new VirtioException(Explain(name, named, devices, problems, place));
    }

    private static List<VirtioDevice> Devices(int? processId, List<string> problems)
    {
        List<VirtioDevice> devices = [];
        foreach (LiveProcess process in Candidates(processId))
        {
            try
            {
                devices.AddRange(QemuProcess.Open(process).FindDevices());
            }
            catch (Exception e) when (processId is null && e is VirtioException or ProcessException)
            {
                problems.Add(e.Message);
            }
        }

        return devices;
    }

    private static IReadOnlyList<LiveProcess> Candidates(int? processId)
    {
        if (processId is not { } id)
            return RunningQemus.Find();
        return [LiveProcess.Get(id)];
    }

    private static string Explain(
        string name, VirtioDevice[] named, IReadOnlyList<VirtioDevice> devices, List<string> problems, string place)
    {
        string text = named.Length > 1
            ? $"several devices are called {name}; say which: {List(named)}"
            : $"no virtio device is called {name}{place}"
                + (devices.Count > 0 ? $"; there are {List(devices)}" : problems.Count == 0 ? ": there is none at all" : "");
        return problems.Count == 0 ? text : text + " (" + string.Join("; ", problems) + ")";
    }

    private static string List(IEnumerable<VirtioDevice> devices) =>
        string.Join(", ", devices.Select(d => $"{Prefix}{d.ProcessId}/{d.Name} ({d.Kind})"));
}
