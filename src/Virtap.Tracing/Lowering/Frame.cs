using Virtap.Language.Binding;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// The slots of one body in a context. Temporaries are taken and given back as on a stack. A caller's frame lies behind those of everything that it calls, so that no two bodies
/// under way at the same time share a slot, and bodies that never are do.
/// </summary>
internal sealed class Frame(int first, int stringBytes)
{
    private int _next = first;

    /// <summary>Where the frame ends that every machine must have room for.</summary>
    public int End { get; private set; } = first;

    /// <summary>Where the next slot comes to lie.</summary>
    public int Next => _next;

    public SlotPlace Long() => Take(8);

    public SlotPlace String() => Take(stringBytes);

    public SlotPlace Of(ScriptType type) => type == ScriptType.String ? String() : Long();

    /// <summary>Gives back everything that was taken since <see cref="Next"/> was this.</summary>
    public void Release(int next) => _next = next;

    private SlotPlace Take(int bytes)
    {
        var slot = new SlotPlace(_next);
        _next += bytes;
        End = Math.Max(End, _next);
        return slot;
    }
}
