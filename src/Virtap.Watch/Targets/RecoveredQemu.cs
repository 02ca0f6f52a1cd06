using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Debugging.Values;
using Virtap.Processes.Cores;
using Virtap.Virtio;
using Virtap.Virtio.Layouts;

namespace Virtap.Watch.Targets;

/// <summary>
/// What expressions may name in a QEMU beside what debug information has: its virtio structures, whose layouts are recovered from its code,
/// and its devices, <c>vdev(disk0)</c>.
/// </summary>
/// <param name="target">The QEMU, running or in a core.</param>
public sealed class RecoveredQemu(DebugTarget target) : IRecoveredNames
{
    private const string DeviceFunction = "vdev";

    private LayoutTypes? _types;

    /// <inheritdoc/>
    public CType? FindType(string name)
    {
        if (!LayoutTypes.Knows(name))
            return null;
        try
        {
            return (_types ??= new LayoutTypes(RecoveredLayouts.Read(target.Program.File))).Find(name);
        }
        catch (Exception e) when (e is VirtioException or ElfFormatException)
        {
            throw new ExpressionException(default, e.Message, reason: e);
        }
    }

    /// <inheritdoc/>
    public Value? Call(string function, string arguments)
    {
        if (function != DeviceFunction)
            return null;
        if (target.Process is not { } process)
            throw new ExpressionException(
                default, $"{target.Program.File.Path} does not run: it has no devices", "name a process or a core");
        try
        {
            string? name = arguments.Length > 0 ? arguments : null;
            var core = process as CoreProcess;
            IReadOnlyList<DeviceTarget> found = TargetSearch.Find(
                new TargetQuery(core is null ? process.Id : null, name, core)).Devices;
            if (found is not [var only])
                throw new VirtioException(
                    found.Count == 0 ? $"{process.Label} has no virtio device"
                        : $"which device? There are {string.Join(", ", found.Select(static each => each.Device.Name))}");
            CType device = target.Program.Debug?.FindType("VirtIODevice") ?? FindType("VirtIODevice")
                ?? throw new ExpressionException(default, "the layout of VirtIODevice was not recovered from this program's code");
            return Value.Of(new PointerType(device), BitConverter.GetBytes(only.Device.Address), target.Memory);
        }
        catch (VirtioException e)
        {
            throw new ExpressionException(default, e.Message, reason: e);
        }
    }
}
