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
    private readonly ServingThread? _thread;
    private readonly List<DeviceState> _states = [];
    private readonly List<ThreadStatus> _threadLooks = [];

    /// <summary>Finds out what serves the device.</summary>
    /// <param name="qemu">The QEMU, running or in a core.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="ProcessException">QEMU may not be looked into.</exception>
    public DeviceExamination(QemuProcess qemu, VirtioDevice device)
    {
        (_qemu, _device) = (qemu, device);
        _reader = new QueueReader(qemu, device);
        _objects = qemu.ReadObjects();
        _thread = qemu.Process is LiveProcess ? new ServingThreads(qemu, _objects).Of(device) : null;
    }

    /// <summary>How often the device was there when it was looked at.</summary>
    public int Looks => _states.Count;

    /// <summary>Looks at the device and at the thread that serves it.</summary>
    /// <returns>The device's state; null when it is gone.</returns>
    public DeviceState? Look()
    {
        if (_reader.Read() is not { } state)
            return null;
        _states.Add(state);
        if (_thread?.Thread.ReadStatus() is { } status)
            _threadLooks.Add(status);
        return state;
    }

    /// <summary>What two looks or more say, with what the host knows now.</summary>
    /// <returns>The verdicts: on the device, then on its queues in their order.</returns>
    public IReadOnlyList<Verdict> Judge() =>
        DeviceJudge.Judge(_states, Surroundings() with { Thread = _thread is null ? null : Watched(_thread) });

    /// <summary>What the last look says by itself, of a device that cannot be watched.</summary>
    public IReadOnlyList<Verdict> JudgeMoment() => MomentJudge.Judge(_states[^1], Surroundings());

    private ThreadWatch Watched(ServingThread thread)
    {
        string? tracer = thread.Thread.TracerId is { } id ? LiveProcess.Find(id)?.ToString() ?? $"process {id}" : null;
        return new ThreadWatch(thread, _threadLooks, tracer);
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
