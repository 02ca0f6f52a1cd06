using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>Judges a machine whose guest does not run: its devices cannot be at work, whatever is or is not wrong with them.</summary>
internal static class PausedMachine
{
    /// <summary>The verdict; null where the guest runs, or nobody knows better.</summary>
    public static Verdict? Judge(DeviceState device, HostView host)
    {
        if (host.Run is { IsSuspended: true })
            return Make(VerdictKind.Suspended, Subject.Device, device, host);
        bool isPaused = host.Run is { IsRunning: false } || device.VmRunning == false;
        return isPaused ? Make(VerdictKind.Paused, Subject.Machine, device, host) : null;
    }

    private static Verdict Make(VerdictKind kind, Subject subject, DeviceState device, HostView host)
    {
        var seen = new NotRunning(host.Run is { IsRunning: false } run ? run.Name : null);
        return new Verdict(kind, Certainty.Certain, subject, seen, [seen, .. Held(device)], AdviceOn(seen.RunState))
        {
            Since = host.CpusStoppedBy,
        };
    }

    private static IEnumerable<Observation> Held(DeviceState device) => device.IsVhost ? []
        : device.Queues.Where(q => q.InUse > 0).Select(q => new HeldRequests(q.Index, q.InUse!.Value));

    // By the names of qapi/run-state.json.
    private static Advice[] AdviceOn(string? runState) => runState switch
    {
        "io-error" => [AdviceKind.BlockDeviceStatus, AdviceKind.StoreOfDisk, AdviceKind.ContinueWhenStoreIsWell],
        "paused" => [AdviceKind.WhoPaused, AdviceKind.ContinueMachine],
        "prelaunch" => [AdviceKind.StartMachine],
        "inmigrate" => [AdviceKind.SourceOfMigration],
        "postmigrate" => [AdviceKind.TargetOfMigration],
        "finish-migrate" or "save-vm" or "restore-vm" or "colo" => [AdviceKind.MigrationAndJobs],
        "shutdown" => [AdviceKind.ResetOrQuit],
        "suspended" => [AdviceKind.WakeUpMachine],
        "guest-panicked" => [AdviceKind.GuestConsole, AdviceKind.CoreBeforeReset],
        "watchdog" => [AdviceKind.GuestConsole, AdviceKind.ContinueOrReset],
        "internal-error" => [AdviceKind.QemuLog, AdviceKind.HostKernelLog],
        "debug" => [AdviceKind.WhoDebugsGuest],
        _ => [AdviceKind.QueryStatus],
    };
}
