using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Values of the traced program as text: <c>$x$</c> and <c>$x$$</c>, written as SystemTap 4.8 writes them. What is asked for is followed
/// from pointer to pointer to what it points to. A structure shows its members and an array its first element; those within others are
/// <c>{...}</c> and <c>[...]</c>, or with two signs the same again.
/// </summary>
internal sealed partial class BodyBinder
{
    private const string Unprintable = "?";

    /// <summary>What SystemTap's pretty printers give where memory that they look at is not there.</summary>
    private const string NotThere = "ERROR";

    private void AddValue(List<BoundFormatPiece> pieces, TargetSyntax target, string name, TargetLookup lookup, int depth)
    {
        if (lookup.Source is not { } source)
        {
            pieces.Add(new BoundFormatText(Unprintable));
            return;
        }

        var value = new BoundTarget(target.Span, "$" + name, source, []);
        if (depth > 0 && Pretty(value, depth) is { } pretty)
            pieces.Add(Piece(FormatConversion.String, pretty));
        else if (source.Kind is TargetValueKind.Structure)
            pieces.Add(new BoundFormatText("{...}"));
        else
            pieces.Add(Piece(FormatConversion.Hexadecimal, value, FormatFlags.Alternate));
    }

    /// <summary>A value as its C type says; null where that is not known.</summary>
    /// <param name="value">The value.</param>
    /// <param name="depth">How many signs it was asked for with.</param>
    private BoundFormat? Pretty(BoundTarget value, int depth)
    {
        var text = new PrettyText(this, isDeep: depth > 1);
        return text.TryAdd(value, isTop: true) ? new BoundFormat(value.Span, text.Pieces) { WhereUnreadable = NotThere } : null;
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

    /// <summary>A text in the making.</summary>
    /// <param name="binder">Who asks.</param>
    /// <param name="isDeep">Whether structures and arrays within others show what they hold.</param>
    private sealed class PrettyText(BodyBinder binder, bool isDeep)
    {
        /// <summary>SystemTap's limit: what would show more values ends with <c>...</c></summary>
        private const int MaxValues = 32;

        /// <summary>No string that a script could hold has more parts; types may be made to have more than anybody could read.</summary>
        private const int MaxPieces = 400;

        private int _values;

        public List<BoundFormatPiece> Pieces { get; } = [];

        /// <summary>Adds a value; false where its type is not known.</summary>
        /// <param name="value">The value.</param>
        /// <param name="isTop">Whether it is what was asked for, or what that points to.</param>
        public bool TryAdd(BoundTarget value, bool isTop)
        {
            bool isOpen = isTop || isDeep;
            switch (value.Source.Kind)
            {
                case TargetValueKind.Text:
                case TargetValueKind.TextArray when isOpen:
                    Add(FormatConversion.String, binder.StringAt(value));
                    return true;
                case TargetValueKind.TextArray:
                case TargetValueKind.Array when !isOpen:
                    Add("[...]");
                    return true;
                case TargetValueKind.Array:
                    AddParts(value, "[", ", ...]");
                    return true;
                case TargetValueKind.StructurePointer when isTop && value.Source.Parts.Count > 0:
                case TargetValueKind.Structure when isOpen:
                    AddParts(value, "{", "}");
                    return true;
                case TargetValueKind.StructurePointer when isTop:
                case TargetValueKind.Structure:
                    Add("{...}");
                    return true;
                case TargetValueKind.Pointer when isTop && value.Source.Element(new TargetIndex(IsOperand: false, 0)).Source is { } pointee:
                    return TryAdd(value with { Source = pointee }, isTop: true);
                case TargetValueKind.Pointer or TargetValueKind.FunctionPointer or TargetValueKind.StructurePointer:
                    if (isTop && value.Source.Kind == TargetValueKind.FunctionPointer)
                        Add("<function>:");
                    Add(FormatConversion.Pointer, value);
                    return true;
                case TargetValueKind.Character:
                    Add("'");
                    Add(FormatConversion.Character, value, FormatFlags.Alternate);
                    Add("'");
                    return true;
                case TargetValueKind.Signed:
                    Add(FormatConversion.Signed, value);
                    return true;
                case TargetValueKind.Unsigned:
                    Add(FormatConversion.Unsigned, value);
                    return true;
                case TargetValueKind.Bits:
                    Add(Unprintable);
                    return true;
                default:
                    return false;
            }
        }

        private void AddParts(BoundTarget value, string open, string close)
        {
            string before = open;
            foreach (TargetPart part in value.Source.Parts)
            {
                if (_values >= MaxValues || Pieces.Count > MaxPieces)
                {
                    Add(before + "...");
                    before = "";
                    break;
                }

                Add(before + part.Label);
                if (part.Lookup.Source is not { } source || !TryAdd(value with { Source = source }, isTop: false))
                    Add(Unprintable);
                before = ", ";
            }

            Add(before == open ? open + close : close);
        }

        private void Add(string text) => Pieces.Add(new BoundFormatText(text));

        private void Add(FormatConversion conversion, BoundExpression value, FormatFlags flags = FormatFlags.None)
        {
            Pieces.Add(Piece(conversion, value, flags));
            _values++;
        }
    }
}
