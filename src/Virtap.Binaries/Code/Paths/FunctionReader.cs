using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Paths;

/// <summary>Reads what a function does, off its code.</summary>
public static class FunctionReader
{
    /// <summary>Reads a function. Bounded: of a long one, the first instructions of the first paths.</summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="start">Link-time address of its first byte.</param>
    /// <param name="code">Its bytes, or at least those of its beginning.</param>
    public static FunctionEffects Read(Architecture architecture, ulong start, ReadOnlySpan<byte> code)
    {
        FunctionEffects effects = new();
        InstructionSet instructions = InstructionSets.Of(architecture);
        new PathWalk(instructions.Decode(start, code, null)).Run(SymbolicMachine.OnEntry(instructions.Convention, effects));
        return effects;
    }
}
