using System.Buffers.Binary;
using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Virtio.Layouts;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>A QEMU that runs, or one as a core holds it, with what is known of the layout of its memory.</summary>
public sealed class QemuProcess
{
    // There are 17 (qapi/run-state.json), and the longest name is guest-panicked.
    private const uint MaxRunStates = 64;
    private const int LongestRunState = 32;

    private QemuProcess(TargetProcess process, VirtioLayouts layouts, ulong bias)
    {
        Process = process;
        Layouts = layouts;
        LoadBias = bias;
    }

    /// <summary>The process.</summary>
    public TargetProcess Process { get; }

    /// <summary>Where things lie in its memory.</summary>
    public VirtioLayouts Layouts { get; }

    /// <summary>Run-time minus link-time addresses of the QEMU binary.</summary>
    public ulong LoadBias { get; }

    /// <summary>Opens a QEMU: reads the layouts from its binary (some milliseconds), and nothing of its memory yet.</summary>
    /// <exception cref="VirtioException">It is no QEMU system emulator, or one whose layouts cannot be recovered.</exception>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static QemuProcess Open(TargetProcess process)
    {
        string name = process.ExecutableName is { } executable ? $"{process.Label} ({executable})" : process.Label;
        try
        {
            using ElfFile file = ElfFile.Open(process.ExecutablePath);
            return process.LoadBias(file) is { } bias ? new QemuProcess(process, RecoveredLayouts.Read(file, name), bias)
                : throw Unreadable(process, $"{name}: its program is not mapped as its file says");
        }
        catch (UnauthorizedAccessException) when (process is LiveProcess)
        {
            throw ProcessException.Denied(process.Id, "the program");
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            // Of a kernel thread there is none.
            throw Unreadable(
                process, process is LiveProcess { Executable: null }
                ? $"{name} runs no program that can be read" : $"{name}: {e.Message}", e);
        }
    }

    /// <summary>
    /// The virtio devices it has now, in the order of QEMU's object tree. Each is checked: a device's queues name the device, and their
    /// number.
    /// </summary>
    /// <exception cref="VirtioException">The layouts do not fit the live data, or the process has ended.</exception>
    public IReadOnlyList<VirtioDevice> FindDevices() => Survey().Devices;

    /// <summary>Its devices (<see cref="FindDevices()"/>), with what kept others from being found.</summary>
    /// <exception cref="VirtioException">The layouts do not fit the live data, or the process has ended.</exception>
    public DeviceSurvey Survey() => Survey(WalkObjects());

    /// <summary>Finds its devices among its objects.</summary>
    internal DeviceSurvey Survey(ObjectWalk walk)
    {
        DeviceSurvey survey = DeviceFinder.Find(this, walk);
        // In the memory of a process that has ended nothing is found either.
        return survey.Devices.Count > 0 || !HasEnded(Process) ? survey : throw Unreadable(Process, "");
    }

    /// <summary>The objects of its object tree, without memory regions and interrupt lines; empty where the tree cannot be found.</summary>
    internal IReadOnlyList<QomObject> ReadObjects() => WalkObjects().Objects;

    /// <summary>Walks its object tree.</summary>
    internal ObjectWalk WalkObjects() =>
        Layouts.RootObject is { } address && Process.Memory.TryRead(LoadBias + address, out ulong root)
            ? QomTree.Walk(Process.Memory, root) : ObjectWalk.None;

    /// <summary>Whether it runs its guest, by the name that QMP has for it; null where that cannot be told.</summary>
    public RunState? ReadRunState() =>
        Layouts.RunState is { } layout && Process.Memory.TryRead(LoadBias + layout.Current, out uint current) && current < MaxRunStates
        && Process.Memory.TryRead(LoadBias + layout.Names, out ulong names)
        && Process.Memory.TryRead(names + (current * 8ul), out ulong name)
        && Process.Memory.ReadString(name, LongestRunState) is { Length: > 0 } text
        && text.All(c => char.IsAsciiLetterLower(c) || c == '-') ? new RunState(text) : null;

    /// <summary>
    /// Whether it is still making its machine: devices of its command line may be missing. False also where that cannot be told.
    /// </summary>
    public bool IsStarting()
    {
        Span<byte> reached = stackalloc byte[sizeof(int)];
        return Layouts.Start is { } start && Process.Memory.TryRead(LoadBias + start.Reached, reached[..start.Size])
            && BinaryPrimitives.ReadInt32LittleEndian(reached) is >= 0 and var phase && phase < start.Ready;
    }

    // Whatever went wrong with a process that has ended, went wrong because of that.
    private static VirtioException Unreadable(TargetProcess process, string reason, Exception? cause = null)
    {
        string message = HasEnded(process) ? $"{process.Label} has ended" : reason;
        return cause is null ? new VirtioException(message) : new VirtioException(message, cause);
    }

    private static bool HasEnded(TargetProcess process) => process is LiveProcess { IsAlive: false };
}

/// <summary>Whether a QEMU runs its guest, and if not, why.</summary>
/// <param name="Name">As QMP's query-status says it (qapi/run-state.json): <c>running</c>, <c>paused</c>, <c>io-error</c>, ...</param>
public sealed record RunState(string Name)
{
    /// <summary>The guest runs.</summary>
    public bool IsRunning => Name == "running";

    /// <summary>The guest has put itself to sleep and wakes up when it is woken: QEMU has not stopped it.</summary>
    public bool IsSuspended => Name == "suspended";
}
