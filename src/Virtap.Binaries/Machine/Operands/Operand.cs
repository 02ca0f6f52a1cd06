namespace Virtap.Binaries.Machine.Operands;

/// <summary>What became of an operand's text: a value, or the reason why there is none.</summary>
/// <param name="Value">How to read it; null where it cannot be read.</param>
/// <param name="Unreadable">Why not, for people; null where it can.</param>
internal readonly record struct Operand(MachineExpression? Value, string? Unreadable)
{
    public static Operand Of(MachineExpression value) => new(value, null);

    public static Operand Not(string reason) => new(null, reason);
}
