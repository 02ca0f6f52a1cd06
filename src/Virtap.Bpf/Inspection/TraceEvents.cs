using System.Text;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Interop;

namespace Virtap.Bpf.Inspection;

/// <summary>
/// The groups of the kernel's trace events, as tracefs has them: a folder for each. Where nobody has mounted it, a mount of our own is
/// read, which hangs in no folder and ends with its descriptor (fsopen(2), 5.2; needs CAP_SYS_ADMIN).
/// </summary>
public static unsafe class TraceEvents
{
    // asm-generic/unistd.h has one number for both processors; linux/mount.h
    private const int FsOpen = 430, FsConfig = 431, FsMount = 432, CloseOnExec = 1, CommandCreate = 6, ReadOnlyMount = 1;

    private static readonly string[] s_mounts = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_groups = new(ReadGroups);

    /// <summary>The group of each event, read at the first use; empty where the kernel does not show them.</summary>
    public static IReadOnlyDictionary<string, string> Groups => s_groups.Value;

    private static Dictionary<string, string> ReadGroups()
    {
        foreach (string mount in s_mounts)
        {
            if (ReadGroups(mount) is { Count: > 0 } groups)
                return groups;
        }

        using SafeFileHandle? own = TryMount();
        return own is null ? [] : ReadGroups($"/proc/self/fd/{BpfSyscall.Descriptor(own)}");
    }

    private static Dictionary<string, string> ReadGroups(string mount)
    {
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (string group in Directory.EnumerateDirectories(Path.Combine(mount, "events")))
            {
                foreach (string @event in Directory.EnumerateDirectories(group))
                    groups.TryAdd(Path.GetFileName(@event), Path.GetFileName(group));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            groups.Clear();
        }

        return groups;
    }

    private static SafeFileHandle? TryMount()
    {
        fixed (byte* name = Encoding.ASCII.GetBytes("tracefs\0"))
        {
            nint context = Libc.Syscall(FsOpen, (nint)name, CloseOnExec, 0);
            if (context < 0)
                return null;
            using SafeFileHandle opened = BpfSyscall.Own(context);
            if (Libc.Syscall(FsConfig, context, CommandCreate, 0) < 0)
                return null;
            nint mount = Libc.Syscall(FsMount, context, CloseOnExec, ReadOnlyMount);
            return mount < 0 ? null : BpfSyscall.Own(mount);
        }
    }
}
