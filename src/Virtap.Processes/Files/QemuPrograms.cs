namespace Virtap.Processes.Files;

/// <summary>The QEMUs of this host: those that are installed where distributions put them, and those that run.</summary>
public static class QemuPrograms
{
    // Debian, SUSE, Arch and upstream; Red Hat; Debian's microvm and Xen builds; a build of one's own.
    private static readonly string[] s_patterns =
    [
        "/usr/bin/qemu-system-*", "/usr/libexec/qemu-kvm", "/usr/bin/qemu-kvm", "/usr/local/bin/qemu-system-*", "/usr/libexec/xen-qemu-system-*",
    ];

    /// <summary>Whether a path's file name is what QEMU system emulators are called: <c>qemu-system-x86_64</c>, <c>qemu-kvm</c>, <c>kvm</c>.</summary>
    public static bool IsQemuName(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.StartsWith("qemu-system-", StringComparison.Ordinal) || name.StartsWith("xen-qemu-system-", StringComparison.Ordinal) || name is "qemu-kvm" or "kvm";
    }

    /// <summary>The running QEMUs, by ascending process id. Judged by the name of the file they run, so one in a container counts and one that was deleted by an update too.</summary>
    public static IReadOnlyList<LiveProcess> Running() => [.. LiveProcess.RunningAs(IsQemuName)];

    /// <summary>Every QEMU, those that run first.</summary>
    public static IReadOnlyList<QemuProgram> All()
    {
        var programs = new Dictionary<FileIdentity, QemuProgram>();
        foreach (LiveProcess process in Running())
        {
            if (process.Executable is not { } identity)
                continue;
            programs[identity] = programs.TryGetValue(identity, out QemuProgram? known)
                ? known with { Processes = [.. known.Processes, process] }
                : new QemuProgram(process.ExecutableName!, identity, [process]);
        }

        foreach (string pattern in s_patterns)
        {
            foreach (ExecutableFile file in ExecutableSearch.Find(pattern))
            {
                if (file.Script is null)
                    programs.TryAdd(file.Identity, new QemuProgram(file.Path, file.Identity, []));
            }
        }

        return [.. programs.Values];
    }
}
