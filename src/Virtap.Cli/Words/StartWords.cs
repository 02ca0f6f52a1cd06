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
