using System.Globalization;
using Virtap.Processes;

namespace Virtap.Virtio.Devices;

/// <summary>The thread of QEMU that takes a device's requests and gives them back.</summary>
/// <param name="IoThread">The iothread's <c>id=</c>; null for QEMU's main loop.</param>
/// <param name="Thread">It, as the kernel knows it.</param>
public sealed record ServingThread(string? IoThread, LiveThread Thread)
{
    /// <summary>As in <c>iothread iothread0 (thread 4711)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IoThread is null ? "QEMU's main loop" : $"iothread {IoThread}")} (thread {Thread.Id})");
}
