using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;

namespace Virtap.Debugging.Printing;

/// <summary>How much of a type is written, as gdb counts it.</summary>
internal enum TypeDetail
{
    /// <summary>Its name, and <c>{...}</c> for a structure that has none.</summary>
    Name = -1,

    /// <summary>Its name; what a structure without one holds.</summary>
    Inner = 0,

    /// <summary>What it holds.</summary>
    Whole = 1,
}

/// <summary>Writes types as gdb does: <c>whatis</c>, <c>ptype</c> and <c>ptype /o</c>.</summary>
/// <param name="isCPlusPlus">Whether tags stand without <c>struct</c>, as C++ has them.</param>
public sealed class TypeText(bool isCPlusPlus)
{
    private const int MaxNested = 64;

    /// <summary>A type's name: <c>struct s *</c>, <c>int (*)[3]</c>.</summary>
    public string Name(CType type)
    {
        var text = new StringBuilder();
        Write(text, type, "", TypeDetail.Name, 0, null);
        return text.ToString();
    }

    /// <summary>What declares a name: <c>int (*call)(long)</c>; what a structure without a name holds stands in it.</summary>
    public string Declaration(CType type, string name)
    {
        var text = new StringBuilder();
        Write(text, type, name, TypeDetail.Inner, 0, null);
        return text.ToString();
    }

    /// <summary>What a type holds, a member a line: gdb's <c>ptype</c>.</summary>
    public string Definition(CType type)
    {
        var text = new StringBuilder();
        Write(text, type, "", TypeDetail.Whole, 0, null);
        return text.ToString();
    }

    /// <summary>What a type holds, with where it lies: all of gdb's <c>ptype /o</c>.</summary>
    public string Layout(CType type)
    {
        var text = new StringBuilder(TypeView.Of(type).Type is StructureType ? "/* offset      |    size */  type = " : "type = ");
        Write(text, type, "", TypeDetail.Whole, 0, new LayoutColumn(0));
        return text.ToString();
    }

    internal void Write(StringBuilder text, CType type, string name, TypeDetail detail, int level, LayoutColumn? offsets)
    {
        if (level > MaxNested * 4)
        {
            text.Append("...");
            return;
        }

        if (detail > 0)
            type = TypeView.Resolve(type).Whole;
        WriteBase(text, type, detail, level, offsets);
        CType plain = TypeView.Of(type).Type;
        bool isWrapped = plain is PointerType or FunctionType or ArrayType { IsVector: false };
        if (name.Length > 0 || isWrapped)
            text.Append(' ');
        WritePrefix(text, type, detail, isBehindPointer: false, needsSpace: name.Length > 0);
        text.Append(name);
        WriteSuffix(text, type, detail, isBehindPointer: false);
    }

    private void WriteBase(StringBuilder text, CType type, TypeDetail detail, int level, LayoutColumn? offsets)
    {
        TypeView view = TypeView.Of(type);
        if (detail <= 0 && view.Name is { } name)
        {
            WriteQualifiers(text, view, "", " ");
            text.Append(isCPlusPlus ? "" : KeywordOf(view.Type)).Append(name);
            return;
        }

        TypeView whole = TypeView.Resolve(type);
        switch (whole.Type)
        {
            case FunctionType function:
                WriteBase(text, function.Result, detail, level, offsets);
                break;
            case ArrayType array:
                WriteBase(text, array.Element, detail, level, offsets);
                break;
            case PointerType pointer:
                WriteBase(text, pointer.Target, detail, level, offsets);
                break;
            case StructureType structure:
                WriteStructure(text, structure, whole, detail, level, offsets);
                break;
            case EnumerationType enumeration:
                WriteEnumeration(text, enumeration, whole, detail);
                break;
            default:
                WriteQualifiers(text, whole, "", " ");
                text.Append(whole.Name ?? "<unknown type>");
                break;
        }
    }

    private static string KeywordOf(CType type) => type switch
    {
        StructureType { IsUnion: true } => "union ",
        StructureType { IsClass: true } => "class ",
        StructureType => "struct ",
        EnumerationType => "enum ",
        _ => "",
    };

    private void WriteQualifiers(StringBuilder text, TypeView view, string before, string behind)
    {
        List<string> words = [];
        if (view.IsConst)
            words.Add("const");
        if (view.IsVolatile)
            words.Add("volatile");
        if (view.IsRestrict)
            words.Add(isCPlusPlus ? "__restrict__" : "restrict");
        if (view.IsAtomic)
            words.Add(isCPlusPlus ? "std::atomic" : "_Atomic");
        if (words.Count > 0)
            text.Append(before).AppendJoin(' ', words).Append(behind);
    }

    private static void WriteEnumerators(StringBuilder text, EnumerationType enumeration)
    {
        long next = 0;
        bool any = false;
        text.Append('{');
        foreach (EnumerationConstant constant in enumeration.Definition?.Constants ?? [])
        {
            text.Append(any ? ", " : "").Append(constant.Name);
            any = true;
            if (constant.Value != next)
                text.Append(CultureInfo.InvariantCulture, $" = {constant.Value}");
            next = unchecked(constant.Value + 1);
        }

        text.Append('}');
    }

    private void WriteEnumeration(StringBuilder text, EnumerationType enumeration, TypeView view, TypeDetail detail)
    {
        WriteQualifiers(text, view, "", " ");
        text.Append("enum ").Append(enumeration.IsScoped ? "class " : "");
        if (enumeration.Tag is { } tag)
            text.Append(tag).Append(detail > 0 ? " " : "");
        if (detail < 0)
        {
            text.Append(enumeration.Tag is null ? "{...}" : "");
        }
        else if (detail > 0 || enumeration.Tag is null)
        {
            if (isCPlusPlus && enumeration.Values is { Name: { } underlying })
                text.Append(": ").Append(underlying).Append(' ');
            WriteEnumerators(text, enumeration);
        }
    }

    private void WriteStructure(
        StringBuilder text, StructureType structure, TypeView view, TypeDetail detail, int level, LayoutColumn? offsets)
    {
        WriteQualifiers(text, view, "", " ");
        text.Append(KeywordOf(structure));
        if (structure.Tag is { } tag)
            text.Append(tag).Append(detail > 0 ? " " : "");
        if (detail < 0)
            text.Append(structure.Tag is null ? "{...}" : "");
        else if (detail > 0 || structure.Tag is null)
            new StructureText(this, text, structure, detail, level, offsets, isCPlusPlus).Write();
    }

    /// <summary>What stands before the name: stars, and the parentheses that they need.</summary>
    private void WritePrefix(StringBuilder text, CType type, TypeDetail detail, bool isBehindPointer, bool needsSpace)
    {
        TypeView view = TypeView.Of(type);
        if (view.Name is not null && detail <= 0)
            return;
        switch (view.Type)
        {
            case PointerType pointer:
                WritePrefix(text, pointer.Target, detail, isBehindPointer: true, needsSpace: true);
                text.Append(pointer.Kind switch
                {
                    PointerKind.Pointer => "*",
                    PointerKind.Reference => "&",
                    PointerKind.RvalueReference => "&&",
                });
                WriteQualifiers(text, view, " ", needsSpace ? " " : "");
                break;
            case FunctionType function:
                WritePrefix(text, function.Result, detail, isBehindPointer: false, needsSpace: false);
                text.Append(isBehindPointer ? "(" : "");
                break;
            case ArrayType array:
                WritePrefix(text, array.Element, detail, isBehindPointer: false, needsSpace);
                text.Append(isBehindPointer ? "(" : "");
                break;
        }
    }

    /// <summary>What stands behind the name: counts of elements, parameters.</summary>
    private void WriteSuffix(StringBuilder text, CType type, TypeDetail detail, bool isBehindPointer)
    {
        TypeView view = TypeView.Of(type);
        if (view.Name is not null && detail <= 0)
            return;
        switch (view.Type)
        {
            case PointerType pointer:
                WriteSuffix(text, pointer.Target, detail, isBehindPointer: true);
                break;
            case FunctionType function:
                text.Append(isBehindPointer ? ")" : "");
                WriteParameters(text, function);
                WriteSuffix(text, function.Result, detail, isBehindPointer: false);
                break;
            case ArrayType array:
                text.Append(isBehindPointer ? ")" : "").Append(array.IsVector ? " __attribute__ ((vector_size(" : "[");
                if (array.Count is long count)
                    text.Append(CultureInfo.InvariantCulture, $"{count}");
                text.Append(array.IsVector ? ")))" : "]");
                WriteSuffix(text, array.Element, detail, isBehindPointer: false);
                break;
        }
    }

    internal void WriteParameters(StringBuilder text, FunctionType function)
    {
        text.Append('(');
        bool any = false;
        foreach (CType parameter in function.Parameters ?? [])
        {
            text.Append(any ? ", " : "");
            any = true;
            Write(text, parameter, "", TypeDetail.Inner, 0, null);
        }

        if (function.IsVariadic)
            text.Append(any ? ", ..." : "");
        else if (!any && (function.Parameters is not null || isCPlusPlus))
            text.Append("void");
        text.Append(')');
    }
}
