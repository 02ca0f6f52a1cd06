namespace Virtap.Virtio.Devices;

/// <summary>
/// A QEMU's command line, read as QEMU reads it (softmmu/vl.c and util/qemu-option.c, 7.2): options have one dash or two, their values are
/// comma-separated, and a comma that belongs to a value is doubled.
/// </summary>
public sealed class QemuArguments
{
    private const string Unix = "unix:";

    private readonly List<(string Name, Option Value)> _options = [];

    /// <summary>Takes the words of a command line; the program's own name may be among them.</summary>
    public QemuArguments(IReadOnlyList<string> words)
    {
        for (int i = 0; i + 1 < words.Count; i++)
        {
            if (words[i].StartsWith('-'))
                _options.Add((words[i].TrimStart('-'), Option.Parse(words[i + 1])));
        }
    }

    /// <summary>The machine's name, <c>-name NAME[,...]</c> or <c>-name guest=NAME,...</c>; null where it has none.</summary>
    public string? MachineName => All("name").Select(static name => name["guest"] ?? name.Implied).FirstOrDefault();

    /// <summary>
    /// The path of the first Unix socket that QMP is served on, as QEMU itself knows it: <c>-qmp unix:PATH,server=on</c>, or
    /// <c>-chardev socket,id=ID,path=PATH</c> with <c>-mon chardev=ID,mode=control</c>. Null where there is none (a socket passed as a
    /// descriptor, as libvirt does, has no path).
    /// </summary>
    public string? MonitorPath =>
        All("qmp").Concat(All("qmp-pretty"))
            .Where(static qmp => Listens(qmp) && qmp.Implied?.StartsWith(Unix, StringComparison.Ordinal) == true)
            .Select(static qmp => qmp.Implied![Unix.Length..])
            .Concat(
                All("mon").Where(static mon => mon["mode"] == "control").Select(mon => SocketOf(mon["chardev"] ?? mon.Implied))
                .OfType<string>())
            .FirstOrDefault();

    // Without server=on QEMU is the client, and the socket is somebody else's.
    private static bool Listens(Option option) => option["server"] is "" or "on" or "yes";

    private IEnumerable<Option> All(string name) => _options.Where(option => option.Name == name).Select(static option => option.Value);

    private string? SocketOf(string? chardev) =>
        All("chardev").FirstOrDefault(socket => socket.Implied == "socket" && Listens(socket) && socket["id"] == chardev)?["path"];

    /// <summary>One option's value: <c>IMPLIED,key=value,key</c>.</summary>
    private sealed class Option
    {
        private readonly string[] _parts;

        private Option(string[] parts) => _parts = parts;

        /// <summary>The first part, which needs no key; null where it has one.</summary>
        public string? Implied => _parts[0].Contains('=') ? null : _parts[0];

        /// <summary>A key's value, "" where it stands alone; null where it is not there.</summary>
        public string? this[string key]
        {
            get
            {
                foreach (string part in _parts)
                {
                    if (part == key)
                        return "";
                    if (part.StartsWith(key, StringComparison.Ordinal) && part[key.Length] == '=')
                        return part[(key.Length + 1)..];
                }

                return null;
            }
        }

        public static Option Parse(string text) =>
            new([.. text.Replace(",,", "\0", StringComparison.Ordinal).Split(',').Select(static part => part.Replace('\0', ','))]);
    }
}
