using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Paths;

/// <summary>Where a function is left for its caller, read off its code.</summary>
public static class FunctionExits
{
    /// <summary>
    /// The instructions by which it returns. Null where it is, or may be, left in another way: by a jump to another function, which
    /// then returns in its place, or by one whose table is not known.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Link-time address of its first byte.</param>
    /// <param name="size">Its bytes; where they are not known there is no answer.</param>
    public static IReadOnlyList<ulong>? Find(ElfFile file, ulong start, ulong size)
    {
        if (file.Architecture is not { } architecture || size is 0 or > DecodedFunction.MaxLength)
            return null;
        DecodedFunction code = InstructionSets.Of(architecture).Decode(start, file.BytesAt(start, (int)size), file);
        List<ulong> exits = [];
        for (int at = 0; at < code.Count; at++)
        {
            Flow flow = code.FlowOf(at);
            if (flow.Kind == FlowKind.Return)
                exits.Add(code.AddressOf(at));
            else if ((flow.IsDirectJump && code.IndexOf(flow.Target) < 0)
                || (flow.Kind == FlowKind.IndirectJump && code.TargetsOf(at).Count == 0))
                return null;
        }

        // What goes on behind its end is not all of it; a call that stands last never comes back.
        FlowKind? last = code.Count > 0 ? code.FlowOf(code.Count - 1).Kind : null;
        return last is null or FlowKind.Next or FlowKind.ConditionalJump ? null : exits;
    }
}
