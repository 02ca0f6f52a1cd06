using System.Runtime.ExceptionServices;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Targets;

namespace Virtap.Watch.Diagnoses;

/// <summary>Finds out what is wrong with several devices.</summary>
public static class DeviceDiagnoses
{
    /// <summary>Watches devices of running QEMUs, all at the same time, and judges what cores hold by the moment.</summary>
    /// <param name="targets">The devices.</param>
    /// <param name="limit">How long to watch one that does not look well.</param>
    /// <param name="stop">Ends the watching early: judged is what was seen until then.</param>
    /// <returns>A diagnosis for each, in the same order.</returns>
    /// <exception cref="ProcessException">A QEMU may not be looked into.</exception>
    public static IReadOnlyList<Diagnosis> Of(
        IReadOnlyList<DeviceTarget> targets, TimeSpan limit, CancellationToken stop = default)
    {
        var diagnoses = new Diagnosis[targets.Count];
        // Each waits most of the time: together they take as long as one.
        var together = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, targets.Count) };
        try
        {
            Parallel.For(0, targets.Count, together, n => diagnoses[n] = Of(targets[n], limit, stop));
        }
        catch (AggregateException e) when (e.InnerException is ProcessException reason)
        {
            ExceptionDispatchInfo.Throw(reason);
        }

        return diagnoses;
    }

    private static Diagnosis Of(DeviceTarget target, TimeSpan limit, CancellationToken stop) =>
        target.Qemu.Process is LiveProcess
            ? Diagnosis.Run(target.Qemu, target.Device, limit, stop) : Diagnosis.OfMoment(target.Qemu, target.Device);
}
