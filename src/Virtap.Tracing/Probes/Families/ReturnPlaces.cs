using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// Where returns are caught. The kernel's own way changes return addresses on the stack, which breaks programs that change stacks: there a
/// return is caught at the instructions that do it, and refused where a function is left in another way.
/// </summary>
internal static class ReturnPlaces
{
    private const int MaxNamed = 3;

    /// <summary>The same targets, with returns caught where that does no harm.</summary>
    public static ProbeResolution Of(IReadOnlyList<ProbeTarget> targets)
    {
        List<ProbeTarget> safe = new(targets.Count);
        List<FunctionTarget> refused = [];
        foreach (ProbeTarget target in targets)
        {
            if (target is not FunctionTarget { AtReturn: true } function || function.Binary.StackSwitching is null)
                safe.Add(target);
            else if (Exits(function) is { Count: > 0 } exits)
                safe.AddRange(exits);
            else
                refused.Add(function);
        }

        if (refused.Count == 0)
            return new ProbeResolution(safe);
        string[] names = [.. refused.Select(static target => target.Function ?? $"0x{target.Address:x}").Distinct()];
        string listed = string.Join(", ", names.Take(MaxNamed)) + (names.Length > MaxNamed ? $" and {names.Length - MaxNamed} more" : "");
        ProbedBinary program = refused[0].Binary;
        return new ProbeResolution(
            [],
            $"the return of {listed} cannot be probed without harm: {program.Path} changes stacks ({program.StackSwitching}), which the "
                + "kernel's return probes break, and this code is not left by return instructions alone",
            safe.Count > 0 ? "name those that are, one by one" : "probe where it is called, or its entry",
            IsRefusal: true);
    }

    private static List<FunctionTarget>? Exits(FunctionTarget function)
    {
        if (function.LinkageName is not null
            || function.Binary.Functions.At(function.FunctionAddress) is not { } symbol
            || FunctionExits.Find(function.Binary.Elf, symbol.Address, symbol.Size) is not { } found)
            return null;
        List<FunctionTarget> exits = [];
        foreach (ulong exit in found)
        {
            if (!ProbeableInstruction.Is(function.Binary.Elf, exit) || !function.Binary.Elf.TryFileOffset(exit, out ulong offset))
                return null;
            exits.Add(function.AtExit(exit, offset, isFirst: exits.Count == 0));
        }

        return exits;
    }
}
