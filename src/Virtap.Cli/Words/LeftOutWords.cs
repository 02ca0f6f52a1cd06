using Virtap.Processes.Cores;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Words;

/// <summary>What cannot be looked at, in a sentence.</summary>
internal static class LeftOutWords
{
    public const string TreeInCore = "part of QEMU's object tree is not in this core: it may have devices that are not shown";
    public const string TreeInMemory = "part of QEMU's object tree cannot be read: it may have devices that are not shown";

    public static string Of(LeftOut leftOut) => leftOut switch
    {
        QemuLeftOut qemu => $"{qemu.Process} is left out: {qemu.Reason.Message}",
        DeviceLeftOut { Device: var device } => $"{device.Name} ({device.Type}, QEMU {device.ProcessId}) is left out: {Unread}",
        TreeCutShort tree => tree.Process is CoreProcess ? TreeInCore : $"QEMU {tree.Process.Id}: {TreeInMemory}",
        _ => throw new InvalidOperationException($"no words for {leftOut.GetType().Name}"),
    };

    /// <summary>Why a device cannot be looked at.</summary>
    public const string Unread = "its structures are not there, or are overwritten";
}
