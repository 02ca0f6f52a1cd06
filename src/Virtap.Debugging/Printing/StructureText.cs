using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;

namespace Virtap.Debugging.Printing;

/// <summary>Writes what a structure holds, from its opening brace to its closing one.</summary>
internal sealed class StructureText(
    TypeText types, StringBuilder text, StructureType structure, TypeDetail detail, int level, LayoutColumn? offsets, bool isCPlusPlus)
{
    private const int Indentation = 4;

    private MemberAccess? _section;

    private bool IsDeclaredOnly => structure.Definition is not { IsKnown: true };

    public void Write()
    {
        StructureDefinition? definition = structure.Definition;
        IReadOnlyList<StructureMember> members = definition?.Members ?? [];
        IReadOnlyList<StaticMember> statics = definition?.Statics ?? [];
        IReadOnlyList<StructureMethod> methods = definition?.Methods ?? [];
        WriteBases(members);
        text.Append("{\n");
        if (members.Count == 0 && statics.Count == 0 && methods.Count == 0)
            text.Append(' ', level + Indentation + (offsets is null ? 0 : LayoutColumn.Width))
                .Append(IsDeclaredOnly ? "<incomplete type>\n" : "<no data fields>\n");
        bool needsLabels = isCPlusPlus && NeedsLabels(members, statics, methods);
        int nextStatic = 0;
        for (int at = 0; at <= members.Count; at++)
        {
            for (; nextStatic < statics.Count && (statics[nextStatic].Before <= at || at == members.Count); nextStatic++)
                WriteStatic(statics[nextStatic], needsLabels);
            if (at < members.Count && members[at] is { IsBase: false, IsArtificial: false } member)
                WriteMember(member, needsLabels);
        }

        if (definition is { IsPartial: true })
            WriteUnknown(definition);
        if (methods.Count > 0 && offsets is null)
            WriteMethods(methods);
        if (offsets is not null)
        {
            if (detail > 0 && structure.Size is long size)
                offsets.Finish(text, size, level, definition is { IsPartial: true });
            else if (detail > 0 && definition is null or { IsPartial: false })
                offsets.Finish(text, 0, level, isPartial: false);
            text.Append(' ', LayoutColumn.Width + (level == 0 ? 2 : 0));
        }

        text.Append(' ', level).Append('}');
    }

    private static bool IsAnonymous(CType type) => type is StructureType { Tag: null };

    private void WriteBases(IReadOnlyList<StructureMember> members)
    {
        bool any = false;
        foreach (StructureMember member in members)
        {
            if (!member.IsBase)
                continue;
            text.Append(any ? ", " : ": ").Append(AccessOf(member.Access)).Append(' ').Append(types.Name(member.Type));
            any = true;
        }

        text.Append(any ? " " : "");
    }

    private bool NeedsLabels(
        IReadOnlyList<StructureMember> members, IReadOnlyList<StaticMember> statics, IReadOnlyList<StructureMethod> methods)
    {
        // Where all are what they are without a word, none is written.
        MemberAccess silent = structure.IsClass ? MemberAccess.Private : MemberAccess.Public;
        return members.Any(member => !member.IsBase && (member.IsArtificial ? MemberAccess.Private : member.Access) != silent)
            || statics.Any(member => member.Access != silent) || methods.Any(method => method.Access != silent);
    }

    private void WriteLabel(MemberAccess access, bool needsLabels)
    {
        if (!needsLabels || _section == access)
            return;
        _section = access;
        if (offsets is not null)
            text.Append(' ', LayoutColumn.Width);
        text.Append(' ', level + 2).Append(AccessOf(access)).Append(":\n");
    }

    private static string AccessOf(MemberAccess access) => access switch
    {
        MemberAccess.Public => "public",
        MemberAccess.Protected => "protected",
        MemberAccess.Private => "private",
    };

    private void WriteStatic(StaticMember member, bool needsLabels)
    {
        WriteLabel(member.Access, needsLabels);
        if (offsets is not null)
            text.Append(' ', LayoutColumn.Width);
        text.Append(' ', level + Indentation).Append("static ");
        types.Write(text, member.Type, member.Name, detail - 1, level + Indentation, null);
        text.Append(";\n");
    }

    private void WriteMember(StructureMember member, bool needsLabels)
    {
        WriteLabel(member.Access, needsLabels);
        offsets?.Write(text, structure, member);
        text.Append(' ', level + Indentation);
        TypeDetail inner = detail - 1;
        LayoutColumn? within = null;
        if (offsets is not null)
        {
            // Inner structures are written whole, with offsets from the outermost one's start.
            if (member.Type is StructureType { Definition.IsKnown: true } nested && (detail > 0 || IsAnonymous(nested)))
                inner = detail;
            within = offsets.Within(member);
        }

        types.Write(text, member.Type, member.Name ?? "", inner, level + Indentation, within);
        if (member.BitSize is int bits)
            text.Append(CultureInfo.InvariantCulture, $" : {bits}");
        text.Append(";\n");
    }

    /// <summary>What a structure that was recovered holds beside what is known of it.</summary>
    private void WriteUnknown(StructureDefinition definition)
    {
        foreach (string line in (IEnumerable<string>)[
            .. definition.Missing.Select(static name => $"/* not recovered */ {name};"), "/* more members, which are not known */"])
            text.Append(' ', level + Indentation + (offsets is null ? 0 : LayoutColumn.Width)).Append(line).Append('\n');
    }

    private void WriteMethods(IReadOnlyList<StructureMethod> methods)
    {
        if (_section is not null)
            text.Append('\n');
        // gdb has methods of one name together, at the place of the first.
        foreach (StructureMethod method in methods.GroupBy(static method => method.Name).SelectMany(static group => group))
        {
            WriteLabel(method.Access, needsLabels: true);
            text.Append(' ', level + Indentation);
            text.Append(method.IsVirtual && !method.HasNoResult ? "virtual " : method.IsStatic && !method.HasNoResult ? "static " : "");
            if (!method.HasNoResult)
            {
                string result = types.Name(method.Type.Result);
                text.Append(result).Append(result.EndsWith('*') || result.EndsWith('&') ? "" : " ");
            }

            text.Append(method.Name);
            types.WriteParameters(text, method.Type);
            text.Append(method.IsConst ? " const;\n" : ";\n");
        }
    }
}
