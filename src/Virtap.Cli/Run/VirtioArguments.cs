using Virtap.Processes;
using Virtap.Tracing.Session;
using Virtap.Virtio;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Run;

/// <summary>Script arguments that name virtio devices: <c>vdev:disk0</c> becomes the address of its VirtIODevice.</summary>
/// <param name="targetProcess">-x: the QEMU that is meant where an argument does not say.</param>
internal sealed class VirtioArguments(int? targetProcess) : IArgumentResolver
{
    public ArgumentResolution? Resolve(string argument)
    {
        if (!DeviceArgument.IsDeviceArgument(argument))
            return null;
        try
        {
            return new ArgumentResolution($"0x{DeviceArgument.Resolve(argument, targetProcess).Address:x}");
        }
        catch (Exception e) when (e is VirtioException or ProcessException)
        {
            return new ArgumentResolution(null, e.Message);
        }
    }
}
