using System.CommandLine;
using System.CommandLine.Completions;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;
using Virtap.Virtio;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Targets;

/// <summary>
/// The words that say what to look at: <c>[MACHINE] [DEVICE]</c> and what else a command takes. A machine is a process id, or a name that
/// one that runs has; behind <c>vdev:</c> a name is a device's in any case.
/// </summary>
/// <param name="ProcessId">The QEMU; null for whichever runs.</param>
/// <param name="Device">The device as it was named; null for all.</param>
/// <param name="Rest">The words behind them.</param>
internal sealed record TargetWords(int? ProcessId, string? Device, IReadOnlyList<string> Rest)
{
    private const string Prefix = "vdev:";

    /// <summary>The argument of a command that takes such words.</summary>
    /// <param name="name">What the help calls them.</param>
    /// <param name="arity">How many there may be.</param>
    /// <param name="description">What they are.</param>
    public static Argument<string[]> Argument(string name, ArgumentArity arity, string description)
    {
        var words = new Argument<string[]>(name) { Description = description, Arity = arity, HelpName = name };
        words.CompletionSources.Add(_ => TargetSearch.Names().Select(static name => new CompletionItem(name)));
        return words;
    }

    /// <summary>Reads the words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="rest">How many words a command takes behind the device.</param>
    /// <exception cref="CommandException">There are too many, or the first of them was to name a machine and names none.</exception>
    /// <exception cref="VirtioException">Several machines have the name.</exception>
    public static TargetWords Parse(IReadOnlyList<string> words, int rest = 0)
    {
        if (words.FirstOrDefault(static word => word is ['-', _, ..]) is { } option)
            throw new CommandException($"there is no option '{option}' here");
        int at = 0;
        int? pid = null;
        if (words.Count > 0 && ProcessWord.Find(words[0]) is { } machine)
        {
            pid = machine;
            at++;
        }

        string? device = at < words.Count ? WithoutPrefix(words[at++]) : null;
        string[] others = [.. words.Skip(at)];
        if (others.Length <= rest)
            return new TargetWords(pid, device, others);
        // So many words begin with a machine: that is the one which is wrong.
        if (pid is null && others.Length == rest + 1 && !words[0].StartsWith(Prefix, StringComparison.Ordinal))
            throw ProcessWord.Unknown(words[0]);
        throw new CommandException(
            $"'{others[rest]}' is too much: a machine, if any, comes first, then a device{(rest > 0 ? ", then a queue" : "")}");
    }

    /// <summary>
    /// All devices that the words mean. What nobody named and cannot be looked into is told on standard error and left out.
    /// </summary>
    /// <param name="core">The core that they are about; null for what runs on this host.</param>
    /// <exception cref="VirtioException">There is none; the message says what there is.</exception>
    /// <exception cref="ProcessException">The QEMU that was named has ended, or may not be looked into.</exception>
    public IReadOnlyList<DeviceTarget> Find(CoreProcess? core = null)
    {
        TargetsFound found = Search(core);
        foreach (LeftOut leftOut in found.LeftOut)
            StandardStreams.Report("warning: " + LeftOutWords.Of(leftOut));
        return found.Devices;
    }

    /// <summary>All devices that the words mean, of which there is one at least, and what is left out of them.</summary>
    /// <param name="core">The core that they are about; null for what runs on this host.</param>
    /// <exception cref="VirtioException">There is none; the message says what there is.</exception>
    /// <exception cref="ProcessException">The QEMU that was named has ended, or may not be looked into.</exception>
    public TargetsFound Search(CoreProcess? core = null)
    {
        string problem = (core?.Id ?? ProcessId) is { } id ? $"QEMU {id} has no virtio device"
            : "no QEMU on this host has a virtio device that can be shown; virtap ls tells more";
        try
        {
            TargetsFound found = TargetSearch.Find(new TargetQuery(ProcessId, Device, core));
            if (found.Devices.Count > 0)
                return found;
            if (found.LeftOut.Count > 0)
                problem = string.Join("; ", found.LeftOut.Select(LeftOutWords.Of));
        }
        catch (VirtioException e) when (core is null && StartWords.OfRunning(ProcessId) is not null)
        {
            problem = e.Message;
        }

        // What has no devices may be about to have some.
        throw new VirtioException(core is null && StartWords.OfRunning(ProcessId) is { } starting ? $"{problem}; {starting}" : problem);
    }

    /// <summary>The one device that the words mean. It need not be named where there is only one.</summary>
    /// <param name="core">The core that they are about; null for what runs on this host.</param>
    /// <exception cref="VirtioException">There is none, or more than one; the message says what there is.</exception>
    /// <exception cref="ProcessException">The QEMU has ended, or may not be looked into.</exception>
    public DeviceTarget FindOne(CoreProcess? core = null)
    {
        IReadOnlyList<DeviceTarget> targets = Find(core);
        return targets.Count == 1 ? targets[0]
            : throw new VirtioException($"which device? There are {string.Join(", ", targets.Select(Describe))}");
    }

    /// <summary>Tells where to go on of a device at which nothing happened: that it did nothing does not say that all is well.</summary>
    public static void ReportWhereToAsk(DeviceTarget target) =>
        StandardStreams.Report($"hint: virtap why {target.Device.ProcessId} {target.Device.Name} tells whether something is wrong");

    private static string Describe(DeviceTarget target) => $"{target.Device.ProcessId} {target.Device.Name} ({target.Device.Kind})";

    private static string WithoutPrefix(string word) => word.StartsWith(Prefix, StringComparison.Ordinal) ? word[Prefix.Length..] : word;
}
