namespace Virtap.Tracing.Patterns;

/// <summary>
/// The automaton of a regular expression, in memory. Its words: 32 with the class of each byte (a byte each); then rows, a word for each
/// class, with the next row in the low half and the commands that go with it in the high half; then the commands. Rows and commands are
/// named by the number of their first word; instead of a row there may be <see cref="Failed"/> or <see cref="Matched"/>, and 0 for no
/// commands.
/// </summary>
/// <param name="Offset">Where it lies in memory.</param>
/// <param name="FirstRow">The row before the first byte, or how it ends at once.</param>
/// <param name="FirstCommands">What goes before it.</param>
/// <param name="Registers">How many registers the commands use: 0 where nobody asks for more than whether there is a match.</param>
/// <param name="Groups">Groups that it has, the whole match among them, where there are registers.</param>
/// <param name="StepsOfByte">The most steps that a byte takes: itself and its commands.</param>
/// <param name="Text">The expression.</param>
public sealed record PatternTable(
    int Offset, int FirstRow, int FirstCommands, int Registers, int Groups, int StepsOfByte, string Text)
{
    /// <summary>No row: no more can match, and what has, says whether anything did.</summary>
    public const int Failed = 0;

    /// <summary>No row: it matches.</summary>
    public const int Matched = 1;

    /// <summary>Words before the registers in which a machine may keep where it is.</summary>
    public const int StateWords = 3;

    /// <summary>Words before the first row.</summary>
    public const int ClassWords = 32;
}
