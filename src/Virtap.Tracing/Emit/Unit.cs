using Virtap.Bpf.Programs;

namespace Virtap.Tracing.Emit;

/// <summary>
/// A piece of a handler that is a subprogram of its own: its main body, a loop's body, a function. All of them run with the same registers set
/// (see <see cref="HandlerEmitter"/>) and differ in how they are left.
/// </summary>
internal sealed class Unit(BpfLabel error, BpfLabel leave, BpfLabel @return, int firstTemporary)
{
    /// <summary>Where an error goes whose words are in the context already: the innermost catch, or out of the unit.</summary>
    public BpfLabel Error { get; set; } = error;

    /// <summary>Ends the handler.</summary>
    public BpfLabel Leave { get; set; } = leave;

    /// <summary>Ends the function that the unit belongs to; in a handler's own body the same as <see cref="Leave"/>.</summary>
    public BpfLabel Return { get; set; } = @return;

    /// <summary>Leaves the loop whose body this is.</summary>
    public BpfLabel? Break { get; init; }

    /// <summary>Goes on with the loop's step.</summary>
    public BpfLabel? Continue { get; init; }

    /// <summary>Whether the session's lock is held at this point of the code.</summary>
    public bool IsLocked { get; set; }

    /// <summary>Code that is jumped to when something goes wrong; kept behind the hot path.</summary>
    public List<Action> Cold { get; } = [];

    /// <summary>Next free word of the unit's stack, as a negative offset from the frame pointer.</summary>
    public int NextTemporary { get; set; } = firstTemporary;
}
