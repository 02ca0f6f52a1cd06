using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Functions;

/// <summary>A call whose instruction says what is called.</summary>
/// <param name="ReturnAddress">Link-time address of the instruction behind it.</param>
/// <param name="Target">Link-time address of the function.</param>
public readonly record struct DirectCall(ulong ReturnAddress, ulong Target);

/// <summary>The calls that code makes, read from its instructions. Those through pointers are not among them.</summary>
public static class DirectCalls
{
    /// <summary>The calls in a part of a file's code.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Link-time address of its first instruction.</param>
    /// <param name="length">Its bytes.</param>
    public static IReadOnlyList<DirectCall> In(ElfFile file, ulong start, ulong length)
    {
        List<DirectCall> calls = [];
        if (file.Architecture is not { } architecture)
            return calls;
        ReadOnlySpan<byte> code = file.BytesAt(start, (int)Math.Min(length, DecodedFunction.MaxLength));
        DecodedFunction function = InstructionSets.Of(architecture).Decode(start, code, null);
        for (int at = 0; at < function.Count; at++)
        {
            if (function.FlowOf(at) is { Kind: FlowKind.Call, Target: not 0 and var target })
                calls.Add(new DirectCall(at + 1 < function.Count ? function.AddressOf(at + 1) : start + length, target));
        }

        return calls;
    }
}
