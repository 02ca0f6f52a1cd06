using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering;

/// <summary>The symbols of the programs that are probed, as a table: made when the first function of the script's asks for it.</summary>
public sealed partial class Lowerer
{
    private (int Offset, int Count)? _symbols;

    private TableWord SymbolWord(LongExpression number)
    {
        (int offset, int count) = _symbols ??= AddSymbols();
        return new TableWord(offset, count, number);
    }

    private (int Offset, int Count) AddSymbols()
    {
        IEnumerable<ProbedBinary> programs = _handlers.SelectMany(static handler => handler.Targets).OfType<CodeTarget>()
            .Select(static target => target.Binary).Distinct();
        long[] words = SymbolWords.Of([.. programs], _memory.Literal);
        return (_memory.AddConstants(words), words.Length);
    }
}
