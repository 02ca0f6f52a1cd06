using Virtap.Cli.Words;
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
                string? starting = e is VirtioException ? StartWords.OfRunning(DeviceArgument.MachineOf(argument) ?? targetProcess) : null;
                string problem = starting is null ? e.Message : $"{e.Message}; {starting}";
                diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"argument '{argument}': {problem}", null));
            }
        }

        return resolved;
    }

    /// <summary>
    /// An argument that is a device's name where its address is wanted (<c>disk0</c> for <c>vdev:disk0</c>) is to the script a variable
    /// that nobody sets: it would count nothing, and call that an answer.
    /// </summary>
    /// <param name="arguments">As they stand on the command line.</param>
    /// <param name="targetProcess">-x: the QEMU that is meant.</param>
    /// <param name="diagnostics">What the binder found; takes an error for each such argument.</param>
    public static void CheckNames(IReadOnlyList<string> arguments, int? targetProcess, DiagnosticBag diagnostics)
    {
        foreach (string argument in arguments.Distinct())
        {
            Diagnostic? unset = diagnostics.Diagnostics.FirstOrDefault(each =>
                each.Kind == DiagnosticKind.Warning && each.Message.StartsWith(
                    $"never-assigned local variable '{argument}'", StringComparison.Ordinal));
            if (unset is null || !IsDevice(argument, targetProcess))
                continue;
            diagnostics.Semantic(
                $"argument '{argument}' is taken for a variable, which nothing sets", unset.Span,
                $"vdev:{argument} is the address of the device of that name");
        }
    }

    private static bool IsDevice(string name, int? process)
    {
        try
        {
            return DeviceArgument.IsName(name, process);
        }
        catch (Exception e) when (e is VirtioException or ProcessException)
        {
            return false;
        }
    }
}
