using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Virtap.EndToEnd.Guests;

/// <summary>
/// One trace event as QEMU declares it in trace-events-all: <c>name(type argument, ...) "format"</c>
/// (docs/devel/tracing.rst in QEMU's source). Reads argument values back out of what QEMU logged with that format.
/// </summary>
public sealed partial class TraceEventDeclaration
{
    private readonly Regex _form;
    private readonly IReadOnlyList<Conversion> _conversions;

    private TraceEventDeclaration(string name, IReadOnlyList<string> types, Regex form, IReadOnlyList<Conversion> conversions)
    {
        Name = name;
        Types = types;
        _form = form;
        _conversions = conversions;
    }

    /// <summary>The event's name, which is its mark's.</summary>
    public string Name { get; }

    /// <summary>The C types of its arguments.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>Whether an argument is logged as text: what a pointer points at, not its value.</summary>
    public bool IsText(int argument) => _conversions[argument].Letter == 's';

    /// <summary>Reads a list of declarations; those with properties (disable, vcpu, tcg) and those whose format does not
    /// print each argument once are left out.</summary>
    public static IReadOnlyDictionary<string, TraceEventDeclaration> ReadAll(string path)
    {
        var all = new Dictionary<string, TraceEventDeclaration>();
        foreach (var line in File.ReadLines(path))
        {
            if (TryParse(line) is { } declaration)
                all[declaration.Name] = declaration;
        }

        return all;
    }

    /// <summary>The argument values in a logged text; null for one that was logged as text. Null if the text does not have
    /// the declared form.</summary>
    public IReadOnlyList<long?>? ReadValues(string text)
    {
        var match = _form.Match(text);
        return match.Success
            ? [
                .. _conversions.Select(
                    (conversion, i) => conversion.Letter == 's' ? (long?)null : Value(conversion, match.Groups[i + 1].Value))]
            : null;
    }

    /// <summary>
    /// Whether a script that reads an argument must see <paramref name="seen"/> where the log has <paramref name="logged"/>.
    /// A format may print a negative int as hex, or a large unsigned as %d: what the script sees is extended to 64 bits as the
    /// C type says. Of a type that is not known here (an enumeration, say) the bits that were printed are compared.
    /// </summary>
    public bool Agrees(int argument, long logged, long seen) => Types[argument] switch
    {
        "bool" or "uint8_t" or "unsigned char" => (byte)logged == seen,
        "uint16_t" or "unsigned short" => (ushort)logged == seen,
        "uint32_t" or "unsigned" or "unsigned int" => (uint)logged == seen,
        "int8_t" => (sbyte)logged == seen,
        "int16_t" or "short" => (short)logged == seen,
        "int32_t" or "int" => (int)logged == seen,
        _ => _conversions[argument].Bits == 32 ? (int)logged == (int)seen : logged == seen,
    };

    private static TraceEventDeclaration? TryParse(string line)
    {
        var match = Declaration().Match(line);
        if (!match.Success)
            return null;
        var parameters = match.Groups["parameters"].Value.Trim();
        string[] types = parameters is "" or "void" ? [] : [.. parameters.Split(',').Select(TypeOf)];
        var form = new StringBuilder("^");
        var conversions = new List<Conversion>();
        AddFormat(JoinedFormat(match.Groups["format"].Value), form, conversions);
        return conversions.Count == types.Length && conversions.TrueForAll(conversion => conversion.Letter != '?')
            ? new TraceEventDeclaration(match.Groups["name"].Value, types, new Regex(form.Append('$').ToString()), conversions)
            : null;
    }

    /// <summary>The type in "const char *name" or "uint64_t addr".</summary>
    private static string TypeOf(string parameter)
    {
        var text = parameter.Trim();
        return text.Contains('*', StringComparison.Ordinal) ? "*" : text[..Math.Max(text.LastIndexOf(' '), 0)].Trim();
    }

    /// <summary>String literals and PRI macros put together as the preprocessor and the compiler would.</summary>
    private static string JoinedFormat(string source)
    {
        var format = new StringBuilder();
        foreach (Match piece in Piece().Matches(source))
        {
            if (piece.Groups["literal"].Success)
                format.Append(piece.Groups["literal"].Value);
            else if (piece.Groups["letter"].Success)
                format.Append(piece.Groups["width"].Value is "64" or "MAX" or "PTR" ? "ll" : "").Append(piece.Groups["letter"].Value);
        }

        return format.ToString();
    }

    private static void AddFormat(string format, StringBuilder form, List<Conversion> conversions)
    {
        var position = 0;
        foreach (Match match in ConversionForm().Matches(format))
        {
            form.Append(Regex.Escape(format[position..match.Index]));
            position = match.Index + match.Length;
            var letter = match.Groups["letter"].Value[0];
            if (letter == '%')
            {
                form.Append('%');
                continue;
            }

            form.Append(letter switch
            {
                'd' or 'i' => @"\s*([+-]?\d+)",
                'u' => @"\s*(\d+)",
                'x' or 'X' => "\\s*((?:0x)?[0-9a-fA-F]+)",
                'p' => @"(0x[0-9a-f]+|\(nil\))",
                'c' => "([\\s\\S])",
                _ => "([\\s\\S]*?)",
            });
            var known = letter is 'd' or 'i' or 'u' or 'x' or 'X' or 'p' or 'c' or 's' && match.Groups["star"].Length == 0;
            conversions.Add(
                new Conversion(
                    known ? letter : '?', letter == 'p' || match.Groups["length"].Value is "l" or "ll" or "z" or "j" ? 64 : 32));
        }

        form.Append(Regex.Escape(format[position..]));
    }

    private static long Value(Conversion conversion, string text) => conversion.Letter switch
    {
        'c' => text[0],
        'p' when text == "(nil)" => 0,
        'p' or 'x' or 'X' => (long)ulong.Parse(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text, NumberStyles.HexNumber),
        'u' => (long)ulong.Parse(text, CultureInfo.InvariantCulture),
        _ => long.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("""^(?<name>\w+)\((?<parameters>[^)]*)\)\s*(?<format>"[\s\S]*)$""")]
    private static partial Regex Declaration();

    [GeneratedRegex("\"(?<literal>[^\"]*)\"|PRI(?<letter>[diuxX])(?<width>8|16|32|64|MAX|PTR)")]
    private static partial Regex Piece();

    [GeneratedRegex("""%(?<flags>[-+ #0]*)(?<star>\*?)\d*(?:\.(?:\d+|(?<star>\*)))?(?<length>hh|h|ll|l|z|j)?(?<letter>[a-zA-Z%])""")]
    private static partial Regex ConversionForm();

    /// <summary>One conversion of the format: its letter, and how many bits of the argument it prints.</summary>
    private sealed record Conversion(char Letter, int Bits);
}
