using System.Globalization;
using System.Text;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Programs;
using Virtap.Virtio;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Run;

/// <summary>
/// The tapset functions <c>vdev_name(ptr)</c> and <c>vq_name(ptr)</c>: <c>disk0</c> and <c>disk0/1</c> for what QEMU's trace points call
/// vdev and vq. They are made as a script when the session starts, from the devices that the QEMUs have then; other addresses, such as
/// those of a device plugged in later, are shown as numbers.
/// </summary>
internal static class VirtioNames
{
    private const string Names = "__virtio_names";

    /// <summary>begin probes take so many statements by default (MAXACTION_INTERRUPTIBLE).</summary>
    private const int MaxNames = 9000;

    private static readonly string[] s_functions = ["vdev_name", "vq_name"];

    /// <summary>The functions as a tapset's are listed.</summary>
    public static IEnumerable<string> Signatures => s_functions.Select(static name => name + ":string (ptr:long)");

    /// <summary>The script; null where none of the scripts speaks of the functions.</summary>
    /// <param name="scripts">The user's scripts.</param>
    /// <param name="processId">-x: the only QEMU to look at; null for all.</param>
    /// <param name="diagnostics">Takes a warning for each QEMU whose devices cannot be found.</param>
    public static SourceText? ScriptFor(IEnumerable<SourceText> scripts, int? processId, DiagnosticBag diagnostics)
    {
        if (!scripts.Any(script => s_functions.Any(name => script.Text.Contains(name, StringComparison.Ordinal))))
            return null;
        var names = new SortedDictionary<ulong, string>();
        foreach (LiveProcess process in processId is int id
            ? [.. LiveProcess.Find(id) is { } only ? [only] : Array.Empty<LiveProcess>()] : QemuPrograms.Running())
            Add(process, names, diagnostics);

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"global {Names}[{names.Count + 1}]\nprobe begin({long.MinValue}) {{\n");
        foreach ((ulong address, string name) in names.Take(MaxNames))
            text.Append(CultureInfo.InvariantCulture, $"\t{Names}[0x{address:x}] = \"{Quoting.Escape(name)}\"\n");
        text.Append("}\n");
        foreach (string function in s_functions)
            text.Append(
                CultureInfo.InvariantCulture,
                $"function {function}:string(ptr:long) {{ return ptr in {Names} ? {Names}[ptr] : sprintf(\"0x%x\", ptr) }}\n");
        return new SourceText("<virtio names>", text.ToString());
    }

    private static void Add(LiveProcess process, SortedDictionary<ulong, string> names, DiagnosticBag diagnostics)
    {
        try
        {
            QemuProcess qemu = QemuProcess.Open(process);
            foreach (VirtioDevice device in qemu.FindDevices())
            {
                names[device.Address] = device.Name;
                for (int queue = 0; queue < device.QueueCount; queue++)
                    names[device.QueueArray + (ulong)(queue * qemu.Layouts.Queue.Size)] = $"{device.Name}/{queue}";
            }
        }
        catch (Exception e) when (e is VirtioException or ProcessException)
        {
            diagnostics.Warning($"no names for the devices of {process}: {e.Message}", null);
        }
    }
}
