using System.Globalization;
using System.Text;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Objects;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>
/// One device, looked at as often as somebody likes, and what the looks together say. A look stops nothing and costs some microseconds.
/// When to look, and for how long, is the caller's.
/// </summary>
public sealed class DeviceExamination
{
    private readonly QemuProcess _qemu;
    private readonly VirtioDevice _device;
    private readonly IReadOnlyList<QomObject> _objects;
    private readonly QueueReader _reader;
    // For each queue; a thread that serves several is one.
    private readonly ServingThread?[] _threads;
    private readonly List<DeviceState> _states = [];
    private readonly Dictionary<ServingThread, List<ThreadStatus>> _threadLooks = [];

    /// <summary>Finds out what serves the device.</summary>
    /// <param name="qemu">The QEMU, running or in a core.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="ProcessException">QEMU may not be looked into.</exception>
    public DeviceExamination(QemuProcess qemu, VirtioDevice device)
    {
        (_qemu, _device) = (qemu, device);
        _reader = new QueueReader(qemu, device);
        _objects = qemu.ReadObjects();
        var threads = new ServingThreads(qemu.Process, _objects);
        var known = new Dictionary<string, ServingThread?>();
        _threads = [.. Enumerable.Range(0, device.QueueCount).Select(queue =>
        {
            string name = device.IoThreads.ElementAtOrDefault(queue) ?? "";
            return known.TryGetValue(name, out ServingThread? thread) ? thread : known[name] = threads.Of(device, queue);
        })];
        foreach (ServingThread thread in known.Values.OfType<ServingThread>())
            _threadLooks[thread] = [];
    }

    /// <summary>How often the device was there when it was looked at.</summary>
    public int Looks => _states.Count;

    /// <summary>Looks at the device and at the threads that serve it.</summary>
    /// <returns>The device's state; null when it is gone.</returns>
    public DeviceState? Look()
    {
        if (_reader.Read() is not { } state)
            return null;
        _states.Add(state);
        foreach ((ServingThread thread, List<ThreadStatus> looks) in _threadLooks)
        {
            if (thread.Thread.ReadStatus() is { } status)
                looks.Add(status);
        }

        return state;
    }

    /// <summary>What two looks or more say, with what the host knows now.</summary>
    /// <returns>The verdicts: on the device, then on its queues in their order.</returns>
    public IReadOnlyList<Verdict> Judge()
    {
        Dictionary<ServingThread, ThreadWatch> watched = _threadLooks.ToDictionary(t => t.Key, t => Watched(t.Key, t.Value));
        return DeviceJudge.Judge(
            _states, Surroundings() with { Threads = [.. _threads.Select(t => t is null ? null : watched[t])] });
    }

    /// <summary>What the last look says by itself, of a device that cannot be watched.</summary>
    public IReadOnlyList<Verdict> JudgeMoment() => MomentJudge.Judge(_states[^1], Surroundings());

    private static ThreadWatch Watched(ServingThread thread, IReadOnlyList<ThreadStatus> looks)
    {
        string? tracer = thread.Thread.TracerId is { } id ? LiveProcess.Find(id)?.ToString() ?? $"process {id}" : null;
        return new ThreadWatch(thread, looks, tracer);
    }

    private HostView Surroundings()
    {
        var host = new HostView(descriptor => EventCount(_qemu.Process.Id, descriptor))
        {
            Backend = new VhostUserBackends(_qemu, _objects).Of(_device),
            Run = _qemu.ReadRunState(),
        };
        return host.Run is { IsRunning: false } && _qemu.Process is LiveProcess live && VirtualCpus.AtRestFor(live, _objects) is { } rest
            ? host with { CpusStoppedBy = DateTimeOffset.Now - rest } : host;
    }

    // /proc/PID/fdinfo/N of an eventfd has a line "eventfd-count: <hex>".
    private static ulong? EventCount(int pid, int descriptor)
    {
        const string Key = "eventfd-count:";
        try
        {
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fdinfo/{descriptor}"), Encoding.ASCII)
                .FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
            if (line is null)
                return null;
            ReadOnlySpan<char> digits = line.AsSpan(Key.Length).Trim();
            return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
