using Virtap.Tracing.Ir;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Regular expressions: the walk through a <see cref="PatternTable"/>, a byte of the text at a time.</summary>
public sealed partial class Evaluator
{
    private long WordOf(ContextWord word)
    {
        long index = Evaluate(word.Index);
        return index >= 0 && index < word.Count ? _memory.Word(_own + word.First.Offset + (index * 8)) : 0;
    }

    private Flow MatchPattern(MatchPattern match)
    {
        bool matches = Match(match.Table, _own + match.Text.Offset, _own + match.Bounds.Offset);
        _memory.Word(_own + match.Groups.Offset) = matches ? match.Table.Groups : 0;
        return Flow.Next;
    }

    /// <summary>Whether the string at an offset matches; the registers are at another.</summary>
    private bool Match(PatternTable table, long text, long registers)
    {
        ReadOnlySpan<byte> bytes = _strings.Read(text), classes = _memory.Bytes(table.Offset, 256);
        long WordAt(long index) => _memory.Word(table.Offset + (index * 8));
        long row = table.FirstRow, commands = table.FirstCommands;
        for (int at = 0; ; at++)
        {
            if (commands != 0)
                RunCommands(table, commands, registers, Math.Min(at, bytes.Length));
            if (row <= PatternTable.Matched)
                break;
            long entry = WordAt(row + classes[at < bytes.Length ? bytes[at] : 0]);
            (row, commands) = (entry & 0xffffffff, entry >> 32);
        }

        return row == PatternTable.Matched || (table.Registers > 0 && _memory.Word(registers) >= 0);
    }

    private void RunCommands(PatternTable table, long at, long registers, int taken)
    {
        ref long Register(int number) => ref _memory.Word(registers + (number * 8L));
        while (true)
        {
            PatternCommand command = PatternCommand.Unpack(_memory.Word(table.Offset + (at++ * 8)));
            switch (command.Operation)
            {
                case PatternOperation.Move: Register(command.To) = Register(command.From); break;
                case PatternOperation.Set: Register(command.To) = taken; break;
                case PatternOperation.Clear: Register(command.To) = -1; break;
                case PatternOperation.Accept:
                    bool counts = Register(0) < 0 || (Register(0) == Register(command.From) && taken > Register(1));
                    at += counts ? 0 : command.Skip;
                    break;
                default: return;
            }
        }
    }
}
