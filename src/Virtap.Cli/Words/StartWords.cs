using Virtap.Processes;
using Virtap.Virtio.Machines;

namespace Virtap.Cli.Words;

/// <summary>A QEMU that is still starting, in words.</summary>
internal static class StartWords
{
    /// <summary>What it waits for, as far as that shows without stopping it.</summary>
    public static string Of(MachineStart start)
    {
        string missing = string.Join(", ", start.Missing.Select(Of));
        return (start.MainThread is { } thread ? $"still starting: its main thread {Of(thread)}" : "still starting")
            + (missing.Length > 0 ? $", and has not finished {missing}" : "");
    }

    /// <summary>
    /// Which QEMUs are starting, and what they wait for: a device that is not found may be about to be made. Null where none is.
    /// </summary>
    /// <param name="processId">The QEMU that is meant; null for all of this host.</param>
    public static string? OfRunning(int? processId)
    {
        IEnumerable<QemuMachine> machines = processId is not { } id ? QemuMachine.All()
            : LiveProcess.Find(id) is { } process ? [QemuMachine.Read(process)] : [];
        string text = string.Join("; ", machines.Where(m => m.Start is not null).Select(m => $"QEMU {m.Process.Id} is {Of(m.Start!)}"));
        return text.Length > 0 ? text : null;
    }

    private static string Of(ThreadStatus thread) => thread switch
    {
        { IsStopped: true } => "is stopped",
        { State: 'R' } => "runs",
        { WaitsIn: { } place } => $"waits in {place}",
        _ => "sleeps",
    };

    private static string Of(MissingDevice device) =>
        $"{device.Name} ({device.Type}{(device.Backend is { } backend ? $", whose backend is {backend}" : "")})";
}
