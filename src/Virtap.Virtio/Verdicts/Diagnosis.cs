using System.Diagnostics;
using System.Globalization;
using System.Text;
using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>What was found out about a device by watching it for a while.</summary>
/// <param name="Device">The device.</param>
/// <param name="Samples">How often it was read.</param>
/// <param name="Duration">For how long it was watched.</param>
/// <param name="Verdicts">The verdicts: on the device, then on its queues in their order.</param>
/// <param name="Last">The last state read; null when the device is gone.</param>
public sealed record Diagnosis(VirtioDevice Device, int Samples, TimeSpan Duration, IReadOnlyList<Verdict> Verdicts, DeviceState? Last)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);
    // A device that works or has nothing to do is known as such sooner.
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(300);

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsHealthy => !Verdicts.Any(v => v.IsFault);

    /// <summary>
    /// Watches a device and judges it. QEMU is not stopped; a look costs some microseconds. A device that is plainly well is left after 0.3 s, another one is watched for the whole time: that something stands still can
    /// only be said after a while.
    /// </summary>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="device">The device.</param>
    /// <param name="limit">How long to watch at most; two seconds are enough for disks that answer at all.</param>
    /// <exception cref="ProcessException">QEMU may not be looked into.</exception>
    public static Diagnosis Run(QemuProcess qemu, VirtioDevice device, TimeSpan limit)
    {
        var reader = new QueueReader(qemu, device);
        ServingThread? thread = new ServingThreads(qemu, qemu.ReadObjects()).Of(device);
        var samples = new List<DeviceState>();
        var threadLooks = new List<ThreadStatus>();
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (reader.Read() is not { } state)
                return new Diagnosis(device, samples.Count, Stopwatch.GetElapsedTime(start), [], null);
            samples.Add(state);
            if (thread?.Thread.ReadStatus() is { } status)
                threadLooks.Add(status);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (samples.Count >= 2 && (elapsed >= limit || elapsed >= s_shortest))
            {
                IReadOnlyList<Verdict> verdicts = DeviceJudge.Judge(samples, new HostView(descriptor => EventCount(qemu.Process.Id, descriptor), thread is null ? null : Watch(thread, threadLooks)));
                if (elapsed >= limit || !verdicts.Any(v => v.IsFault))
                    return new Diagnosis(device, samples.Count, elapsed, verdicts, state);
            }

            Thread.Sleep(s_interval);
        }
    }

    private static ThreadWatch Watch(ServingThread thread, IReadOnlyList<ThreadStatus> looks) =>
        new(thread, looks, thread.Thread.TracerId is { } tracer ? LiveProcess.Find(tracer)?.ToString() ?? $"process {tracer}" : null);

    /// <summary>Judges a device as a core holds it: one moment, which tells less than watching it.</summary>
    /// <param name="qemu">The QEMU of the core.</param>
    /// <param name="device">The device.</param>
    public static Diagnosis OfMoment(QemuProcess qemu, VirtioDevice device) =>
        new QueueReader(qemu, device).Read() is { } state ? new Diagnosis(device, 1, TimeSpan.Zero, MomentJudge.Judge(state), state) : new Diagnosis(device, 0, TimeSpan.Zero, [], null);

    // /proc/PID/fdinfo/N of an eventfd has a line "eventfd-count: <hex>".
    private static ulong? EventCount(int pid, int descriptor)
    {
        const string Key = "eventfd-count:";
        try
        {
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fdinfo/{descriptor}"), Encoding.ASCII)
                .FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
            return line is not null && ulong.TryParse(line.AsSpan(Key.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
