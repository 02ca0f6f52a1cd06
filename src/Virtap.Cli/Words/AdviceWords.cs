using System.Diagnostics;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Words;

/// <summary>Advice, in words.</summary>
internal static class AdviceWords
{
    public static string Of(Advice advice) => advice.Kind switch
    {
        AdviceKind.QemuLogForVirtioError => "QEMU's log has the reason (virtio_error)",
        AdviceKind.ResetDevice => "only a reset of the device by its driver, or of the guest, brings it back",
        AdviceKind.GuestKernelLog => "the guest's kernel log",
        AdviceKind.GuestHasDriver => "whether the guest has booted, and has the driver",
        AdviceKind.AskDebugger => $"what {advice.About?.Value.Text} does there: a debugger lets it go on with continue, detach or quit",
        AdviceKind.ContinueThread => $"who sent the signal; kill -CONT {advice.About?.Value.Number} lets it go on",
        AdviceKind.BlockDeviceStatus => "QMP query-block: the disk whose io-status is not ok; nospace is a full store",
        AdviceKind.StoreOfDisk => "what is behind that disk: free space (df), the host's kernel log (dmesg), the network store",
        AdviceKind.ContinueWhenStoreIsWell => "when the store is well again, QMP cont or virsh resume: QEMU tries the requests again",
        AdviceKind.WhoPaused => "who paused it, and why: virsh domstate --reason, the log of a backup or of an operator",
        AdviceKind.ContinueMachine => "QMP cont or virsh resume lets it go on",
        AdviceKind.StartMachine => "QMP cont or virsh resume starts it",
        AdviceKind.SourceOfMigration => "the source of the migration",
        AdviceKind.TargetOfMigration => "the target of the migration",
        AdviceKind.MigrationAndJobs => "QMP query-migrate and query-jobs: whether that goes on",
        AdviceKind.ResetOrQuit => "QMP system_reset and cont start it again, quit ends QEMU",
        AdviceKind.WakeUpMachine => "QMP system_wakeup wakes it",
        AdviceKind.GuestConsole => "the guest's console",
        AdviceKind.CoreBeforeReset => "a core of QEMU (gcore) before it is reset",
        AdviceKind.ContinueOrReset => "QMP cont or system_reset",
        AdviceKind.QemuLog => "QEMU's log",
        AdviceKind.HostKernelLog => "the host's kernel log (dmesg)",
        AdviceKind.WhoDebugsGuest => "who is connected to QEMU's gdbstub (-gdb, -s)",
        AdviceKind.QueryStatus => "QMP query-status tells why: paused by an operator, by an I/O error, for migration",
        AdviceKind.WhyBackendEnded => "why it ended: its log, and the host's kernel log (dmesg) for a kill",
        AdviceKind.StartBackendThatConnects => "start it again: it connects to QEMU's socket",
        AdviceKind.StartBackendThatListens => "start it again: "
            + "with reconnect= (reconnect-ms=) on its chardev QEMU connects to it by itself; without, the device has to be unplugged and "
            + "plugged again",
        AdviceKind.QemuLogForIndices => "QEMU's log for \"size exceeded\" or \"moved used index\"",
        AdviceKind.OtherWriters => "what else writes to the guest's memory there",
        AdviceKind.CoreBeforeAnything => "a core of QEMU (gcore) before anything is reset",
        AdviceKind.RequestsInCore => "the requests themselves: virtap ring --core",
        AdviceKind.ThreadsInCore => "what the threads did: virtap stacks --core",
        AdviceKind.VerdictOnDevice => "the verdict on the device: who stopped the thread",
        AdviceKind.StoreBehindDevice =>
            "what is behind the device: the host's disk or network (iostat -x, dmesg), its throttling, a slow network store",
        AdviceKind.BlockStatisticsAndJobs => "QMP query-blockstats and query-jobs",
        AdviceKind.WhereThreadWaits => $"what the serving thread waits for: {ThreadIn(advice)}",
        AdviceKind.ServingThread => $"the thread that serves the queue (its iothread, or the main loop): {ThreadIn(advice)}",
        AdviceKind.PauseAndContinue => "more requests do not help: with event_idx the driver does not kick again. "
            + "QMP stop and cont make QEMU look into every ring; if the queue moves then, a kick was lost",
        AdviceKind.AnotherRequest => "any new request to the same queue kicks again; if the queue moves then, a kick was lost",
        AdviceKind.GuestCpusRun => "whether the guest runs at all (its CPUs' threads on the host)",
        AdviceKind.BarriersLeftOut => "if QEMU emulates (accel=tcg), is older than 8.1 and has -smp 1: "
            + "it leaves out the guest's memory barriers, which loses kicks and interrupts; -smp 1,maxcpus=2 is the way round",
        AdviceKind.BottomHalf => "the thread that serves the queue: a bottom half of it that does not run",
        AdviceKind.InterruptCount =>
            $"/proc/interrupts in the guest: does the count of this queue's vector ({advice.About?.Value.Number}) grow?",
        AdviceKind.CpuOfInterrupt => "whether the guest's CPU that serves it runs, and whether interrupts are off there",
        AdviceKind.VhostWorker => "the vhost worker (thread vhost-PID, or the vhost-user process)",
        AdviceKind.StoreBehindVhost => "what is behind it: the tap device, the store",
        _ => throw new UnreachableException($"there are no words for {advice.Kind}"),
    };

    private static string ThreadIn(Advice advice) =>
        $"virtap stacks, {(advice.About?.Value.Number is { } id ? $"/proc/{id}" : "/proc/PID/task/TID")}/stack and wchan";
}
