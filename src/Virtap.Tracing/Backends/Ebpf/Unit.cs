using Virtap.Bpf.Programs;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// A piece of a handler's code: its main body, or a part of its state machine. All of them run with the same registers set (see <see
/// cref="HandlerEmitter"/>) and differ in how they are left.
/// </summary>
internal sealed class Unit(BpfLabel error, BpfLabel leave, BpfLabel @return, LoweredFunction? function = null)
{
    /// <summary>Where an error goes whose words are in the context already: the innermost catch, or out of the unit.</summary>
    public BpfLabel Error { get; set; } = error;

    /// <summary>Ends the handler.</summary>
    public BpfLabel Leave { get; set; } = leave;

    /// <summary>Ends the function that the unit belongs to; in a handler's own body the same as <see cref="Leave"/>.</summary>
    public BpfLabel Return { get; set; } = @return;

    /// <summary>The function whose body this is; null for a handler's own, and for functions that stand in it.</summary>
    public LoweredFunction? Function { get; } = function;

    /// <summary>Whether the code is part of the state machine, where loops need no more than a block.</summary>
    public bool IsStepwise { get; init; }

    /// <summary>Leaves the innermost loop.</summary>
    public BpfLabel? Break { get; set; }

    /// <summary>Goes on with the innermost loop's step.</summary>
    public BpfLabel? Continue { get; set; }

    /// <summary>The innermost try around the code at hand; null where there is none in the unit.</summary>
    public Catch? Catch { get; set; }

    /// <summary>Whether the session's lock is held at this point of the code, or is whoever's business runs this unit.</summary>
    public bool IsLocked { get; set; }

    /// <summary>Code that is jumped to when something goes wrong; kept behind the hot path.</summary>
    public List<Action> Cold { get; } = [];

    /// <summary>The next free one of the words for temporary values.</summary>
    public int NextTemporary { get; set; }
}

/// <summary>A try's handler: the number that it has as a block of the state machine, if functions are called in the try.</summary>
internal sealed class Catch
{
    public int? Block { get; set; }
}
