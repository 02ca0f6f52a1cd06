using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Marks.TraceEvents;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>Names and types of a message's arguments, and their values as the types have them.</summary>
internal static class EventArguments
{
    /// <summary>
    /// Longer computations are not believed to be anyone's argument; each node costs instructions in every hit. The longest in QEMU
    /// swap the bytes of a loaded word: some 30.
    /// </summary>
    private const int MaxWeight = 64;

    /// <summary>Makes a mark's arguments of a message's.</summary>
    /// <param name="message">The message.</param>
    /// <param name="declaration">The event's declaration, if it is known.</param>
    public static IReadOnlyList<MarkArgument> Of(Logged message, TraceEvent? declaration)
    {
        IReadOnlyList<LogConversion> printed = message.Format.Conversions;
        IReadOnlyList<TraceEventArgument>? declared = declaration?.ArgumentsOf(printed.Count);
        var arguments = new MarkArgument[printed.Count];
        HashSet<string> names = [];
        for (int n = 0; n < arguments.Length; n++)
        {
            string? name = declared?[n].Name ?? printed[n].Name;

            // Labels in a text need not differ, as parameters do.
            if (name is not null && !names.Add(name))
                name = null;
            CType type = declared?[n].Type ?? printed[n].Type;
            SymbolicValue value = Convert(message.Arguments[n], type, printed[n].Type);
            arguments[n] = new MarkArgument(
                name, type, value.KnownBytes == 8 ? value.Expression : null, value.KnownBytes == 8 ? null : value.Reason);
        }

        return arguments;
    }

    /// <summary>Arguments travel in 64 bits, of which those above their type's are anything.</summary>
    private static SymbolicValue Convert(SymbolicValue value, CType type, CType printedType)
    {
        (int size, bool isSigned) = type.Number ?? printedType.Number ?? (8, false);
        return value.Low(size, isSigned).UpTo(MaxWeight);
    }
}
