using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Printing;

/// <summary>Structures and arrays.</summary>
public sealed partial class ValuePrinter
{
    private void WriteStructure(StringBuilder text, Value value, StructureType structure, int depth)
    {
        if (structure.IsUnion && depth > 0 && !options.Unions)
        {
            text.Append("{...}");
            return;
        }

        // All of it at once: what is shown of a running target's structure is of one moment.
        if (structure.Size is > 0)
            _ = value.Bytes;
        StructureDefinition definition = structure.Definition!;
        StructureMember[] bases = [.. definition.Members.Where(static member => member.IsBase)];
        text.Append('{');
        foreach (StructureMember member in bases)
        {
            if (options.Pretty)
                NewLine(text, depth + 1);
            text.Append('<').Append(_types.Name(member.Type)).Append("> = ");
            WriteStructure(text, value.Part(member.Type, member.BitOffset / 8), (StructureType)member.Type.Underlying, depth + 1);
            text.Append(", ");
        }

        WriteMembers(text, value, structure, bases.Length, depth);
        text.Append('}');
    }

    private void WriteMembers(StringBuilder text, Value value, StructureType structure, int bases, int depth)
    {
        StructureDefinition definition = structure.Definition!;
        IReadOnlyList<StaticMember> statics = definition.Statics;
        if (definition.Members.Count == bases && statics.Count == 0)
        {
            text.Append("<No data fields>");
            return;
        }

        bool any = false;
        int nextStatic = 0;
        for (int at = 0; at <= definition.Members.Count; at++)
        {
            for (; nextStatic < statics.Count && (statics[nextStatic].Before <= at || at == definition.Members.Count); nextStatic++)
            {
                if (!options.StaticMembers)
                    continue;
                BeginMember(text, structure, ref any, bases > 0, depth);
                text.Append("static ").Append(statics[nextStatic].Name).Append(" = ");
                WriteStatic(text, $"{structure.Tag}::{statics[nextStatic].Name}", depth + 1);
            }

            if (at == definition.Members.Count || definition.Members[at] is not { IsBase: false } member)
                continue;
            BeginMember(text, structure, ref any, bases > 0, depth);
            if (member.Name is { } name)
                text.Append(name).Append(" = ");
            _anonymous += member.Name is null ? 1 : 0;
            if (member.IsArtificial && member.Type.Underlying is PointerType)
                WriteAddress(text, (ulong)(Numbers.Read(value.Member(member)) & ulong.MaxValue));
            else
                WriteMember(text, value.Member(member), depth + 1);
            _anonymous -= member.Name is null ? 1 : 0;
        }

        if (definition.IsPartial)
            WriteUnknown(text, structure, ref any, depth);
        if (options.Pretty)
            NewLine(text, depth);
    }

    /// <summary>What a structure that was recovered holds beside what is known of it.</summary>
    private void WriteUnknown(StringBuilder text, StructureType structure, ref bool any, int depth)
    {
        foreach (string name in structure.Definition!.Missing)
        {
            BeginMember(text, structure, ref any, false, depth);
            text.Append(name).Append(" = <not recovered>");
        }

        BeginMember(text, structure, ref any, false, depth);
        text.Append("...");
    }

    private void WriteMember(StringBuilder text, Value value, int depth)
    {
        try
        {
            Write(text, value, depth);
        }
        catch (MemoryFaultException fault)
        {
            text.Append(CultureInfo.InvariantCulture, $"<error: {MemoryError}{fault.Address:x}>");
        }
    }

    private void BeginMember(StringBuilder text, StructureType structure, ref bool any, bool hasBases, int depth)
    {
        if (any)
            text.Append(options.Pretty ? "," : ", ");
        else if (hasBases && options.Pretty)
        {
            NewLine(text, depth + 1);
            text.Append("members of ").Append(structure.Tag).Append(':');
        }

        any = true;
        if (options.Pretty)
            NewLine(text, depth + 1);
    }

    private void WriteStatic(StringBuilder text, string name, int depth)
    {
        if (names.FindStatic(name) is not { } value)
            text.Append("<optimized out>");
        else if (TypeView.Resolve(value.Type).Type is StructureType && depth > 1)
            text.Append("<same as static member of an already seen type>");
        else
            WriteMember(text, value, depth);
    }

    private void WriteArray(StringBuilder text, Value value, ArrayType array, int depth, bool isAggregate)
    {
        long elementBytes = array.Element.Size ?? 0;
        if (array.Count is not > 0 || elementBytes <= 0)
        {
            WriteUnbounded(text, value, array);
            return;
        }

        if (!isAggregate && WidthOfText(array.Element) is int width)
        {
            WriteText(text, value.Bytes, width, PrefixOf(array.Element));
            return;
        }

        text.Append('{');
        WriteElements(text, value, array, (int)Math.Min(array.Count.Value, int.MaxValue), (int)elementBytes, depth);
        text.Append('}');
    }

    /// <summary>An array that does not say how many elements it has is as good as a pointer to the first.</summary>
    private void WriteUnbounded(StringBuilder text, Value value, ArrayType array) =>
        WriteAddressed(text, value.Address ?? 0, array.Element, TypeView.Resolve(array.Element).Type);

    private void WriteText(StringBuilder text, ReadOnlySpan<byte> bytes, int width, string prefix)
    {
        bool goesOn = false;
        if (options.StopAtNull)
        {
            int length = 0;
            while (length + width <= bytes.Length && length / width < options.Limit
                && bytes.Slice(length, width).IndexOfAnyExcept((byte)0) >= 0)
                length += width;
            goesOn = length / width == options.Limit && length + width <= bytes.Length
                && bytes.Slice(length, width).IndexOfAnyExcept((byte)0) >= 0;
            bytes = bytes[..length];
        }

        text.Append(prefix);
        new CharacterText(text, width, options).WriteString(bytes, goesOn);
    }

    private void WriteElements(StringBuilder text, Value value, ArrayType array, int count, int elementBytes, int depth)
    {
        ReadOnlySpan<byte> bytes = value.Bytes;
        int printed = 0, at = 0;
        for (; at < count && printed < options.Limit; at++)
        {
            if (at > 0)
                text.Append(options.Arrays ? "," : ", ");
            if (options.Arrays)
                NewLine(text, depth + 1);
            if (options.ArrayIndexes)
                text.Append(CultureInfo.InvariantCulture, $"[{at}] = ");
            ReadOnlySpan<byte> element = bytes.Slice(at * elementBytes, elementBytes);
            int behind = at + 1;
            while (options.Repeats is not null && behind < count && bytes.Slice(behind * elementBytes, elementBytes).SequenceEqual(element))
                behind++;
            WriteMember(text, value.Part(array.Element, (long)at * elementBytes), depth + 1);
            if (behind - at > options.Threshold)
            {
                text.Append(CultureInfo.InvariantCulture, $" <repeats {behind - at} times>");
                at = behind - 1;
                printed += options.Threshold;
            }
            else
            {
                printed++;
            }
        }

        if (at < count)
            text.Append("...");
        if (options.Arrays)
            NewLine(text, depth);
    }

    private static void NewLine(StringBuilder text, int depth) => text.Append('\n').Append(' ', 2 * depth);
}
