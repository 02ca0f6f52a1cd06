using System.Globalization;
using System.Text;
using Virtap.Processes.Access;

namespace Virtap.Processes;

/// <summary>Unix sockets as the kernel knows them in a process's network namespace.</summary>
public static class UnixSockets
{
    // Num RefCount Protocol Flags Type St Inode Path (proc_pid_net(5)); __SO_ACCEPTCON in Flags: it listens.
    private const int FlagsField = 3;
    private const int PathField = 7;
    private const uint Listens = 0x10000;

    /// <summary>Whether anybody listens on a path, as whoever listens wrote it; null where the kernel does not tell.</summary>
    /// <param name="processId">A process of the network namespace.</param>
    /// <param name="path">The path.</param>
    public static bool? IsListening(int processId, string path)
    {
        string[] lines = Encoding.UTF8.GetString(ProcessFiles.ReadOrEmpty(processId, "net/unix")).Split('\n');
        return lines.Length < 2
            ? null : lines.Skip(1).Select(l => l.Split(' ', PathField + 1, StringSplitOptions.RemoveEmptyEntries)).Any(fields =>
            fields.Length > PathField && fields[PathField] == path
            && uint.TryParse(fields[FlagsField], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint flags)
            && (flags & Listens) != 0);
    }
}
