using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;
using Virtap.Processes;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// Where returns are caught. The kernel's own way changes return addresses on the stack, which breaks threads that change stacks: a
/// program that shows that it does so, and a library, which runs in any program, are probed at the instructions that return. Functions
/// that are left in another way are left out where somebody would be harmed, and told.
/// </summary>
internal static class ReturnSites
{
    private const int MaxNamed = 3;

    /// <summary>A function that is left out.</summary>
    private readonly record struct LeftOut(FunctionTarget Function, ExitObstacle Obstacle, string Harmed)
    {
        public string Name => Function.Function ?? $"0x{Function.Address:x}";
    }

    /// <summary>The same targets, with returns caught where that does no harm.</summary>
    /// <param name="targets">What a probe point stands for.</param>
    /// <param name="stacks">Knows which programs change stacks.</param>
    public static ProbeResolution Of(IReadOnlyList<ProbeTarget> targets, StackSigns stacks)
    {
        List<ProbeTarget> safe = new(targets.Count);
        List<LeftOut> leftOut = [];
        Dictionary<(ProbedBinary, int?), string?> harmed = [];
        foreach (ProbeTarget target in targets)
        {
            if (target is not FunctionTarget { AtReturn: true } function
                || (!function.Binary.Elf.IsLibrary && stacks.Of(function.Binary) is null))
            {
                safe.Add(target);
                continue;
            }

            FunctionExits exits = ExitsOf(function);
            if (exits.Obstacle is not { } obstacle)
            {
                safe.AddRange(AtExits(function, exits.Returns));
                continue;
            }

            if (!harmed.TryGetValue((function.Binary, function.Process), out string? who))
                harmed[(function.Binary, function.Process)] = who = WhoIsHarmed(function, stacks);
            if (who is null)
                safe.Add(function);
            else
                leftOut.Add(new LeftOut(function, obstacle, who));
        }

        if (leftOut.Count == 0)
            return new ProbeResolution(safe);
        string words = Describe(leftOut);
        return safe.Count > 0
            ? new ProbeResolution(safe) { Warnings = [words] }
            : new ProbeResolution([], words, "probe where it is called, or its entry", IsRefusal: true);
    }

    private static FunctionExits ExitsOf(FunctionTarget function)
    {
        if (function.LinkageName is not null)
            return new FunctionExits([], ExitObstacle.Jump);
        ProbedBinary binary = function.Binary;
        return binary.Exits.Find(binary.Functions.At(function.FunctionAddress)?.Address ?? function.FunctionAddress);
    }

    private static IEnumerable<FunctionTarget> AtExits(FunctionTarget function, IReadOnlyList<ulong> returns)
    {
        ElfFile file = function.Binary.Elf;
        ulong[] exits = [.. returns.Where(address => file.TryFileOffset(address, out _))];
        foreach (ulong address in exits)
        {
            if (file.TryFileOffset(address, out ulong offset))
                yield return function.AtExit(address, offset, exits);
        }
    }

    /// <summary>
    /// Who changes stacks in the code that is probed: any who has loaded it, or the process that the probe is confined to.
    /// </summary>
    /// <returns>null where nobody is known to.</returns>
    private static string? WhoIsHarmed(FunctionTarget function, StackSigns stacks)
    {
        ProbedBinary binary = function.Binary;
        if (!binary.Elf.IsLibrary)
            return stacks.Of(binary) is { } sign ? $"{binary.Path} changes stacks ({sign})" : null;
        foreach (LiveProcess process in LiveProcess.Mapping(binary.File.Identity))
        {
            if ((function.Process is null || function.Process == process.Id) && stacks.Of(process) is { } running)
                return $"process {process.Id} ({process.Name}), which has loaded {binary.Path}, changes stacks ({running})";
        }

        return null;
    }

    private static string Describe(List<LeftOut> leftOut)
    {
        string[] names = [.. leftOut.Select(static each => each.Name).Distinct()];
        (string returns, string they) = names.Length == 1 ? ("return of", "it") : ("returns of", "they");
        string listed = string.Join(", ", names.Take(MaxNamed)) + (names.Length > MaxNamed ? $" and {names.Length - MaxNamed} more" : "");
        IEnumerable<string> reasons = leftOut.GroupBy(static each => each.Obstacle).OrderByDescending(static group => group.Count())
            .Select(group => names.Length == 1 ? Reason(group.Key) : $"{Reason(group.Key)} ({group.Count()})");
        return $"the {returns} {listed} cannot be probed without harm: {leftOut[0].Harmed}, which the kernel's return probes break, and "
            + $"{they} cannot be caught at return instructions: {string.Join(", ", reasons)}";
    }

    private static string Reason(ExitObstacle obstacle) => obstacle switch
    {
        ExitObstacle.Jump => "a jump leads to another function",
        ExitObstacle.UnknownJump => "a jump leads to where the code does not say",
        ExitObstacle.NeverReturns => "nothing returns",
        ExitObstacle.UnknownEnd => "the end of the code is not known",
        _ => "an instruction takes no probe",
    };
}
