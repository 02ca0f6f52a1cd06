using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Targets;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Frames;

/// <summary>A frame as debuggers count them: a function that was called, or one that is inlined where another one is.</summary>
/// <param name="Level">Its number; 0 is the innermost.</param>
/// <param name="Physical">The frame on the stack.</param>
/// <param name="Depth">Which of the functions it is that are inlined there; 0 is the innermost.</param>
public sealed record DebugFrame(int Level, StackFrame Physical, int Depth)
{
    /// <summary>The file that has the code; null where none has.</summary>
    public LoadedImage? Image { get; init; }

    /// <summary>The function, by debug information; null where nobody says.</summary>
    public DebugFunction? Function { get; init; }

    /// <summary>Its line: the one that it is at, or calls from; null where nobody says.</summary>
    public SourceLine? Source { get; init; }

    /// <summary>The source file's name as debuggers print it.</summary>
    public string SourceName { get; init; } = "";

    /// <summary>The symbol; null where none is known.</summary>
    public string? Symbol { get; init; }

    /// <summary>Whether its address is to be seen: it is no first instruction of a line.</summary>
    public bool IsMidLine { get; init; }

    /// <summary>Where it is.</summary>
    public ulong Address => Physical.Address;

    /// <summary>An address of the code that is meant, as it was linked: behind a call there may stand another function's already.</summary>
    public ulong LookUp => Address - (Physical.IsReturnAddress ? 1u : 0) - (Image?.Bias ?? 0);

    /// <summary>Whether it is inlined in the next one.</summary>
    public bool IsInlined => Function is { IsInlined: true };

    /// <summary>How many functions are inlined where it is, one in the other.</summary>
    public int InlineDepth => Image?.Debug?.FunctionsAt(LookUp).Count(static function => function.IsInlined) ?? 0;

    /// <summary>
    /// The stack pointer that its caller has, as soon as it returns: what frames are told apart by. 0 where it is not known.
    /// </summary>
    public ulong Cfa { get; init; }

    /// <summary>The thread's frames on the stack from this one on.</summary>
    public IReadOnlyList<StackFrame> Stack { get; init; } = [Physical];

    /// <summary>The variables that it has, inner ones first.</summary>
    public IReadOnlyList<DebugVariable> Variables() => Function?.VariablesAt(LookUp) ?? [];
}
