using Virtap.Processes;
using Virtap.Processes.Programs;

namespace Virtap.Virtio.Devices;

/// <summary>The QEMUs that run on this host, for who needs at least one.</summary>
public static class RunningQemus
{
    /// <summary>Those that may be looked into, by ascending process id.</summary>
    /// <exception cref="VirtioException">There is none; the message says whether there are others.</exception>
    public static IReadOnlyList<LiveProcess> Find() =>
        QemuPrograms.Running() is { Count: > 0 } running ? running : throw new VirtioException(DescribeNone());

    /// <summary>The one whose machine has a name (<c>-name web01</c>), among those that may be looked into; null where none has.</summary>
    /// <exception cref="VirtioException">Several have it.</exception>
    public static LiveProcess? Named(string name) =>
        QemuPrograms.Running().Where(process => NameOf(process) == name).ToArray() switch
        {
            [] => null,
            [var only] => only,
            var several => throw new VirtioException(
                $"several machines are called {name}: say which by its process id, {string.Join(" or ", several.Select(p => p.Id))}"),
        };

    /// <summary>The name of a QEMU's machine; null where it has none.</summary>
    public static string? NameOf(TargetProcess process) => new QemuArguments(process.CommandLine).MachineName;

    /// <summary>Says that there is none, or none that may be looked into, or that it could not be looked for.</summary>
    public static string DescribeNone() =>
        Describe(QemuPrograms.OutOfSight()) is { } others ? others
        : LiveProcess.OthersAreVisible ? "no QEMU is running on this host"
        : "no QEMU could be looked for: /proc is not mounted here, or hides the processes of others (hidepid)";

    /// <summary>Says how many run that may not be looked into, which, and what it takes; null where there is none.</summary>
    public static string? Describe(IReadOnlyList<LiveProcess> outOfSight) => outOfSight.Count == 0 ? null
        : $"{outOfSight.Count} {(outOfSight.Count == 1 ? "QEMU runs" : "QEMUs run")} that you may not look into "
            + $"({string.Join(", ", outOfSight.Select(p => p.Id))}): that takes root, or CAP_SYS_PTRACE";
}
