using Virtap.Language.Diagnostics;
using Virtap.Processes.Access;
using Virtap.Virtio;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Run;

/// <summary>Script arguments that name virtio devices: <c>vdev:disk0</c> becomes the address of its VirtIODevice.</summary>
internal static class VirtioArguments
{
    /// <summary>The arguments as the script is to see them.</summary>
    /// <param name="arguments">As they stand on the command line.</param>
    /// <param name="targetProcess">-x: the QEMU that is meant where an argument does not say.</param>
    /// <param name="diagnostics">Takes an error for each that names no device.</param>
    public static IReadOnlyList<string> Resolve(IReadOnlyList<string> arguments, int? targetProcess, DiagnosticBag diagnostics)
    {
        var resolved = new List<string>();
        foreach (string argument in arguments)
        {
            try
            {
                bool isDevice = DeviceArgument.IsDeviceArgument(argument);
                resolved.Add(isDevice ? $"0x{DeviceArgument.Resolve(argument, targetProcess).Address:x}" : argument);
            }
            catch (Exception e) when (e is VirtioException or ProcessException)
            {
                diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"argument '{argument}': {e.Message}", null));
            }
        }

        return resolved;
    }
}
