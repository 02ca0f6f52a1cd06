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
    /// <returns>A diagnosis for each, in the same order.</returns>
    /// <exception cref="ProcessException">A QEMU may not be looked into.</exception>
    public static IReadOnlyList<Diagnosis> Of(IReadOnlyList<DeviceTarget> targets, TimeSpan limit)
    {
        var diagnoses = new Diagnosis[targets.Count];
        // Each waits most of the time: together they take as long as one.
        var together = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, targets.Count) };
        try
        {
            Parallel.For(0, targets.Count, together, n => diagnoses[n] = Of(targets[n], limit));
        }
        catch (AggregateException e) when (e.InnerException is ProcessException reason)
        {
            ExceptionDispatchInfo.Throw(reason);
        }

        return diagnoses;
    }

    private static Diagnosis Of(DeviceTarget target, TimeSpan limit) =>
        target.Qemu.Process is LiveProcess
            ? Diagnosis.Run(target.Qemu, target.Device, limit) : Diagnosis.OfMoment(target.Qemu, target.Device);
}
