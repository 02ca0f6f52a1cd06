using System.Text;
using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Functions;

/// <summary>
/// Finds the instructions by which functions return, read off their code. What a compiler moved out of a function because it seldom runs
/// (<c>f.cold</c>) is a part of it: a symbol says so, or in a stripped file that a jump leads to where no function can begin, or comes
/// back from there into the midst of the function. A part that a table of a <c>switch</c> alone leads to is not found; such parts end in
/// abort or jump back, as compilers write them. Not for several threads at once.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="functions">Its functions.</param>
public sealed class ExitSearch(ElfFile file, FunctionTable functions)
{
    private const int MaxParts = 64;

    /// <summary>By their DWARF numbers: rsp and sp.</summary>
    private const int StackPointerX64 = 7, StackPointerArm64 = 31;

    private readonly Lazy<FunctionRanges?> _ranges = new(() => FunctionRanges.TryOpen(file));
    private readonly Lazy<CallFrames?> _frames = new(() => ReadFrames(file));

    /// <summary>Finds the instructions by which a function returns.</summary>
    /// <param name="function">Link-time address of its first byte.</param>
    public FunctionExits Find(ulong function)
    {
        if (PartAt(function) is not { } whole || whole.Start != function)
            return new FunctionExits([], ExitObstacle.UnknownEnd);
        List<DecodedFunction> parts = [];
        SortedSet<ulong> returns = [];
        Queue<(ulong Start, ulong Size)> open = new([whole]);
        while (open.TryDequeue(out (ulong Start, ulong Size) part))
        {
            DecodedFunction code = Decode(part);
            parts.Add(code);
            if (ReadPart(code, isFirst: parts.Count == 1, returns, out List<ulong> left) is { } obstacle)
                return new FunctionExits([], obstacle);
            foreach (ulong target in left)
            {
                if (parts.Exists(each => each.IndexOf(target) >= 0) || open.Any(each => target - each.Start < each.Size))
                    continue;
                if (parts.Count + open.Count == MaxParts || MovedPartAt(target, parts) is not { } moved)
                    return new FunctionExits([], ExitObstacle.Jump);
                open.Enqueue(moved);
            }
        }

        // What is called, too, returns to its caller, which need not be this function's.
        bool isCalled = parts.Count > 1 && parts.Exists(code => Enumerable.Range(0, code.Count).Any(
            at => code.FlowOf(at) is { Kind: FlowKind.Call } call && parts.Skip(1).Any(part => part.IndexOf(call.Target) >= 0)));
        ExitObstacle? problem = isCalled ? ExitObstacle.Jump
            : returns.Count == 0 ? ExitObstacle.NeverReturns
            : returns.All(address => ProbeableInstruction.Is(file, address)) ? null
            : ExitObstacle.NoProbe;
        return new FunctionExits(problem is null ? [.. returns] : [], problem);
    }

    /// <summary>Reads a part: its returns, and where its jumps leave it.</summary>
    private static ExitObstacle? ReadPart(DecodedFunction code, bool isFirst, SortedSet<ulong> returns, out List<ulong> left)
    {
        left = [];
        for (int at = 0; at < code.Count; at++)
        {
            Flow flow = code.FlowOf(at);
            if (flow.Kind == FlowKind.Return)
                returns.Add(code.AddressOf(at));
            else if (flow.IsDirectJump && code.IndexOf(flow.Target) < 0)
                left.Add(flow.Target);
            else if (flow.Kind == FlowKind.IndirectJump && code.TargetsOf(at).Count == 0)
                return ExitObstacle.UnknownJump;
        }

        // A call that stands last never comes back. Behind a part that was moved there may be room for alignment.
        FlowKind? last = code.Count > 0 ? code.FlowOf(code.Count - 1).Kind : null;
        return last is null || (isFirst && last is FlowKind.Next or FlowKind.ConditionalJump) ? ExitObstacle.UnknownEnd : null;
    }

    private DecodedFunction Decode((ulong Start, ulong Size) part) => InstructionSets.Of(file.Architecture ?? HostArchitecture.Current)
        .Decode(part.Start, file.BytesAt(part.Start, (int)part.Size), file);

    /// <summary>The code around an address that one symbol or, without symbols, one description of frames is about.</summary>
    private (ulong Start, ulong Size)? PartAt(ulong address)
    {
        if (functions.At(address) is { Size: > 0 } symbol)
            return symbol.Size <= DecodedFunction.MaxLength ? (symbol.Address, symbol.Size) : null;
        return _ranges.Value?.TryFind(address, out ulong start, out int length) == true && length <= DecodedFunction.MaxLength
            ? (start, (ulong)length) : null;
    }

    /// <summary>The part of a function that a jump out of it leads to; null where that is, or may be, another function.</summary>
    private (ulong Start, ulong Size)? MovedPartAt(ulong target, List<DecodedFunction> parts)
    {
        if (PartAt(target) is not { } part || parts[0].AddressOf(0) - part.Start < part.Size)
            return null;
        if (functions.At(target) is { } symbol)
            return Function.IsMovedPart(Encoding.UTF8.GetBytes(symbol.Name)) ? part : null;

        // A function begins with nothing of its own on the stack. Entries of linkage tables share one description, and are no parts.
        if (functions.At(part.Start) is not null || IsLinkage(target))
            return null;
        return target != part.Start || HasFrameAt(target) || JumpsInto(Decode(part), parts) ? part : null;
    }

    /// <summary>Whether code jumps to where one of the others does not begin.</summary>
    private static bool JumpsInto(DecodedFunction code, List<DecodedFunction> parts) => Enumerable.Range(0, code.Count).Any(
        at => code.FlowOf(at) is { IsDirectJump: true } jump && parts.Exists(part => part.IndexOf(jump.Target) > 0));

    private bool HasFrameAt(ulong address)
    {
        CfaRule ofEntry = file.Architecture == Architecture.Arm64
            ? new CfaRule(StackPointerArm64, 0, default) : new CfaRule(StackPointerX64, sizeof(long), default);
        return _frames.Value?.CfaAt(address) is { } frame && frame != ofEntry;
    }

    private bool IsLinkage(ulong address) =>
        file.Sections.Any(section => address - section.Address < section.Size && section.NameUtf8.StartsWith(".plt"u8));

    private static CallFrames? ReadFrames(ElfFile file)
    {
        try
        {
            return CallFrames.Read(file, file);
        }
        catch (ElfFormatException)
        {
            // Without frames nothing is known to be a moved part that no symbol names.
            return null;
        }
    }
}
