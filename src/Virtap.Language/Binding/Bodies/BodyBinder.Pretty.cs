using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Values of the traced program as text: <c>$x$</c> and <c>$x$$</c>, written as SystemTap writes them. A structure shows its members, one
/// within it <c>{...}</c>, or at depth 2 its own; an array its first element.
/// </summary>
internal sealed partial class BodyBinder
{
    private const string Unprintable = "?";

    /// <summary>Structures of this many parts are cut: no string that a script could hold is longer.</summary>
    private const int MaxPieces = 400;

    private void AddValue(List<BoundFormatPiece> pieces, TargetSyntax target, string name, TargetLookup lookup, int depth)
    {
        if (lookup.Source is not { } source)
        {
            pieces.Add(new BoundFormatText(Unprintable));
            return;
        }

        var value = new BoundTarget(target.Span, "$" + name, source, []);
        if (depth > 0 && Pretty(value, depth, isTop: true) is { } pretty)
            pieces.AddRange(pretty);
        else if (source.Kind is TargetValueKind.Structure)
            pieces.Add(new BoundFormatText("{...}"));
        else
            pieces.Add(Piece(FormatConversion.Hexadecimal, value, FormatFlags.Alternate));
    }

    /// <summary>A value as its C type says; null where that is not known.</summary>
    /// <param name="value">The value.</param>
    /// <param name="depth">How many structures within each other show what they hold.</param>
    /// <param name="isTop">Whether it is what was asked for: then a pointer to a structure shows the structure.</param>
    private List<BoundFormatPiece>? Pretty(BoundTarget value, int depth, bool isTop)
    {
        switch (value.Source.Kind)
        {
            case TargetValueKind.TextArray when depth == 0:
                return [new BoundFormatText("[...]")];
            case TargetValueKind.Text or TargetValueKind.TextArray:
                return [Piece(FormatConversion.String, StringAt(value))];
            case TargetValueKind.StructurePointer when isTop && value.Source.Parts.Count > 0:
            case TargetValueKind.Structure when depth > 0:
                return Parts(value, depth, "{", "}");
            case TargetValueKind.Structure:
                return [new BoundFormatText("{...}")];
            case TargetValueKind.Array when depth > 0:
                return Parts(value, depth, "[", ", ...]");
            case TargetValueKind.Array:
                return [new BoundFormatText("[...]")];
            case TargetValueKind.Pointer or TargetValueKind.StructurePointer:
                return [Piece(FormatConversion.Pointer, value)];
            case TargetValueKind.Character:
                return [
                    new BoundFormatText("'"), Piece(FormatConversion.Character, value, FormatFlags.Alternate), new BoundFormatText("'")];
            case TargetValueKind.Signed:
                return [Piece(FormatConversion.Signed, value)];
            case TargetValueKind.Unsigned:
                return [Piece(FormatConversion.Unsigned, value)];
            case TargetValueKind.Bits:
                return [new BoundFormatText(Unprintable)];
            default:
                return null;
        }
    }

    private List<BoundFormatPiece> Parts(BoundTarget value, int depth, string open, string close)
    {
        List<BoundFormatPiece> pieces = [];
        string before = open;
        foreach (TargetPart part in value.Source.Parts)
        {
            pieces.Add(new BoundFormatText(before + part.Label));
            before = ", ";
            List<BoundFormatPiece>? inner = part.Lookup.Source is { } source
                ? Pretty(value with { Source = source }, depth - 1, isTop: false) : null;
            pieces.AddRange(inner ?? [new BoundFormatText(Unprintable)]);
            if (pieces.Count > MaxPieces)
            {
                pieces.Add(new BoundFormatText(", ..."));
                break;
            }
        }

        pieces.Add(new BoundFormatText(before == open ? open + close : close));
        return pieces;
    }

    private static BoundFormatConversion Piece(FormatConversion conversion, BoundExpression value, FormatFlags flags = FormatFlags.None) =>
        new(conversion, flags, Width: null, Precision: null, value);

    /// <summary>The string at an address in quotes, through the tapset's function that does not fail where there is none.</summary>
    private BoundCall StringAt(BoundTarget address)
    {
        // Of the kernel's structures some point into programs, and their types do not say which.
        string function = address.Source.Space == MemorySpace.Kernel ? "kernel_or_user_string_quoted" : "user_string_quoted";
        var overloads = program.Declarations.FindFunctions(function, _file)
            .Where(static overload => overload.Arity == 1 && overload.File.IsLibrary).ToList();
        return Call(program.UseFunction(overloads, 0, unit.Group), [address], address.Span, ScriptType.String);
    }
}
