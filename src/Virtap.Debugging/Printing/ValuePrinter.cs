using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Printing;

/// <summary>Prints values as gdb's <c>print</c> does, byte for byte: what differs, and why, is in its tests' differences.txt.</summary>
/// <param name="names">Symbols at addresses, and the memory behind pointers.</param>
/// <param name="isCPlusPlus">Whether types are written as C++ has them.</param>
/// <param name="options">How values are printed.</param>
public sealed partial class ValuePrinter(IValueNames names, bool isCPlusPlus, PrintOptions options)
{
    private const string MemoryError = "Cannot access memory at address 0x";

    private static readonly IntegerType s_byte = new(null, 1, IsSigned: false);

    private readonly TypeText _types = new(isCPlusPlus);

    /// <summary>How many of the structures around have no name, and do not count as a level.</summary>
    private int _anonymous;

    private char? Format => options.Format;

    /// <summary>The text of a value.</summary>
    /// <exception cref="MemoryFaultException">It cannot be read.</exception>
    /// <exception cref="ValueTooLargeException">It takes more bytes than are read for one.</exception>
    public string Print(Value value)
    {
        var text = new StringBuilder();
        CType type = TypeView.Resolve(value.Type).Type;
        bool isWhole = Format is null or 's' || type is VoidType or ArrayType or StructureType or PointerType
        {
            Kind: PointerKind.Reference,
        };
        if (isWhole && type is PointerType pointer && !IsPlainText(value.Type) && value.Absence is null)
            text.Append('(').Append(_types.Name(value.Type)).Append(") ");
        if (!isWhole && type is PointerType { Kind: PointerKind.RvalueReference })
            WriteFormatted(text, value, type, Format!.Value);
        else if (type is PointerType { Kind: not PointerKind.Pointer })
            WriteReference(text, value, (PointerType)type, 0, isFollowed: true);
        else
            Write(text, value, 0);
        return text.ToString();
    }

    /// <summary>The text of a value as that of a member or a variable of a list: pointers without their types.</summary>
    /// <exception cref="MemoryFaultException">It cannot be read.</exception>
    /// <exception cref="ValueTooLargeException">It takes more bytes than are read for one.</exception>
    public string PrintInner(Value value)
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    /// <summary>A pointer to char, which says of itself what it is.</summary>
    private static bool IsPlainText(CType type) => TypeView.Of(type).Type is PointerType { Kind: PointerKind.Pointer } pointer
        && TypeView.Of(pointer.Target).Name is "char" or "wchar_t" or "char16_t" or "char32_t";

    private void Write(StringBuilder text, Value value, int depth)
    {
        TypeView view = TypeView.Resolve(value.Type);
        if (value.Absence is { } absence)
        {
            text.Append(absence);
            return;
        }

        bool isAggregate = view.Type is StructureType || (view.Type is ArrayType && !IsText(view.Type));
        if (isAggregate && options.MaxDepth is int deepest && depth >= deepest + _anonymous)
        {
            text.Append("{...}");
            return;
        }

        switch (view.Type)
        {
            case StructureType { Definition: not { IsKnown: true } }:
                text.Append("<incomplete type>");
                break;
            case StructureType structure:
                WriteStructure(text, value, structure, depth);
                break;
            case ArrayType array:
                WriteArray(text, value, array, depth, isAggregate);
                break;
            case FunctionType function when Format is null or 's':
                WriteFunction(text, value, function);
                break;
            case FunctionType when Format == 'a':
                WriteAddress(text, value.Address ?? 0);
                break;
            case FunctionType:
                // gdb has a function's value as its first byte.
                WriteScalar(text, value.As(s_byte), s_byte);
                break;
            case VoidType:
                text.Append("void");
                break;
            case TypedefType { Target: null, Name: ['<', 't', ..] } code:
                text.Append('{').Append(code.Name).Append("} ");
                WriteAddress(text, value.Address ?? 0);
                break;
            case TypedefType { Target: null }:
                text.Append("<incomplete type>");
                break;
            case PointerType { Kind: not PointerKind.Pointer } reference:
                WriteReference(text, value, reference, depth, isFollowed: false);
                break;
            default:
                WriteScalar(text, value, view.Type);
                break;
        }
    }

    private void WriteScalar(StringBuilder text, Value value, CType type)
    {
        if (Format is { } format and not 's')
        {
            WriteFormatted(text, value, type, format);
            return;
        }

        switch (type)
        {
            case PointerType pointer:
                WritePointer(text, value, pointer);
                break;
            case FloatingType { IsComplex: true } complex:
                WriteComplex(text, value, complex);
                break;
            case FloatingType floating:
                text.Append(FloatNumber.Read(value.Bytes).ToText(FloatNumber.DigitsOf(floating.Bytes)));
                break;
            case EnumerationType enumeration:
                WriteEnumeration(text, value, enumeration);
                break;
            case IntegerType { IsBoolean: true }:
                var truth = Numbers.Read(value);
                text.Append(truth.IsZero ? "false" : truth.IsOne ? "true" : truth.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                var number = Numbers.Read(value);
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                if (WidthOfText(value.Type) is int width)
                {
                    text.Append(' ').Append(PrefixOf(value.Type));
                    new CharacterText(text, width, options).WriteCharacter(number);
                }

                break;
        }
    }

    private static void WriteComplex(StringBuilder text, Value value, FloatingType type)
    {
        int bytes = type.Bytes / 2, digits = FloatNumber.DigitsOf(bytes);
        text.Append(FloatNumber.Read(value.Bytes[..bytes]).ToText(digits)).Append(" + ");
        text.Append(FloatNumber.Read(value.Bytes[bytes..]).ToText(digits)).Append('i');
    }

    private static void WriteEnumeration(StringBuilder text, Value value, EnumerationType type)
    {
        var number = Numbers.Read(value);
        IReadOnlyList<EnumerationConstant> constants = type.Definition?.Constants ?? [];
        foreach (EnumerationConstant constant in constants)
        {
            if (Numbers.Wrap(constant.Value, (int)(type.Size ?? 4), type.Values?.IsSigned ?? false) == number)
            {
                text.Append(constant.Name);
                return;
            }
        }

        if (!IsFlags(constants))
        {
            text.Append(number.ToString(CultureInfo.InvariantCulture));
            return;
        }

        ulong rest = (ulong)(number & ulong.MaxValue);
        bool any = false;
        foreach (EnumerationConstant constant in constants)
        {
            ulong flag = (ulong)constant.Value;
            if (flag == 0 || (rest & flag) != flag)
                continue;
            text.Append(any ? " | " : "(").Append(constant.Name);
            any = true;
            rest &= ~flag;
        }

        if (rest != 0)
            text.Append(CultureInfo.InvariantCulture, $"{(any ? " | " : "(")}unknown: 0x{rest:x})");
        else
            text.Append(any ? ")" : "0");
    }

    /// <summary>Whether each value is a bit: what is made of them is then written as their names.</summary>
    private static bool IsFlags(IReadOnlyList<EnumerationConstant> constants) =>
        constants.All(static constant => constant.Value >= 0 && System.Numerics.BitOperations.PopCount((ulong)constant.Value) <= 1);

    /// <summary>Whether a pointer points to characters, or an array is made of them: how many bytes each takes.</summary>
    private int? WidthOfText(CType element)
    {
        if (Format is not (null or 's'))
            return null;
        if (PrefixOf(element).Length > 0)
            return (int?)element.Size;
        return TypeView.Resolve(element).Type is IntegerType { Bytes: 1, IsBoolean: false } ? 1 : null;
    }

    private bool IsText(CType type) => type is ArrayType array && WidthOfText(array.Element) is not null;

    /// <summary>What stands before the quotes of wide characters: they are known by their type's name, whatever is behind it.</summary>
    private static string PrefixOf(CType type)
    {
        CType each = TypeView.Of(type).Type;
        for (int step = 0; step < 16; step++)
        {
            switch (TypeView.Of(each).Name)
            {
                case "wchar_t":
                    return "L";
                case "char16_t":
                    return "u";
                case "char32_t":
                    return "U";
            }

            if (each is not TypedefType { Target: { } target })
                return "";
            each = TypeView.Of(target).Type;
        }

        return "";
    }
}
