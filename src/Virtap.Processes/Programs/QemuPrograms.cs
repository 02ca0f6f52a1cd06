using Virtap.Processes.Files;

namespace Virtap.Processes.Programs;

/// <summary>The QEMUs of this host: those that are installed where distributions put them, and those that run.</summary>
public static class QemuPrograms
{
    // Debian, SUSE, Arch and upstream; Red Hat; Debian's microvm and Xen builds; a build of one's own.
    private static readonly string[] s_patterns =
    [
        "/usr/bin/qemu-system-*", "/usr/libexec/qemu-kvm", "/usr/bin/qemu-kvm", "/usr/local/bin/qemu-system-*",
        "/usr/libexec/xen-qemu-system-*",
    ];

    /// <summary>
    /// Whether a path's file name is what QEMU system emulators are called: <c>qemu-system-x86_64</c>, <c>qemu-kvm</c>, <c>kvm</c>.
    /// </summary>
    public static bool IsQemuName(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.StartsWith("qemu-system-", StringComparison.Ordinal) || name.StartsWith("xen-qemu-system-", StringComparison.Ordinal)
            || name is "qemu-kvm" or "kvm";
    }

    /// <summary>
    /// The running QEMUs, by ascending process id. Judged by the name of the file they run, so one in a container counts and one that was
    /// deleted by an update too.
    /// </summary>
    public static IReadOnlyList<LiveProcess> Running() => [.. LiveProcess.RunningAs(IsQemuName)];

    /// <summary>
    /// The processes that look like running QEMUs to somebody who may not see which file they run: judged by what everybody may read, the
    /// first word of their command line and their name.
    /// </summary>
    public static IReadOnlyList<LiveProcess> OutOfSight() =>
        [.. LiveProcess.All()
            .Where(
                process => process.ExecutableName is null && process.CommandLine is [string program, ..]
                && (IsQemuName(program) || IsQemuName(process.Name)))];

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

/// <summary>A QEMU system emulator of this host.</summary>
/// <param name="Path">Its path; for one that only a container has, the path there.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="Processes">The processes that run it now, by ascending id.</param>
public sealed record QemuProgram(string Path, FileIdentity Identity, IReadOnlyList<LiveProcess> Processes);
