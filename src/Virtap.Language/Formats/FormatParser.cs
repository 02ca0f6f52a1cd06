using System.Text;

namespace Virtap.Language.Formats;

/// <summary>
/// Reads a format of printf: <c>%[flag][width][.precision][l]conversion</c>, with one of the flags <c># 0 - + blank</c> (and zeros before
/// a width, as in <c>%-05d</c>, which mean nothing). An <c>l</c> changes nothing either; there are no other lengths.
/// </summary>
internal ref struct FormatParser(string format)
{
    /// <summary>What printf says about a conversion that there is not.</summary>
    public const string InvalidConversion = "invalid or missing conversion specifier";

    /// <summary>A width is cut to the string that it is printed into, so that larger numbers are not worth reading.</summary>
    private const long MaxDigits = 1_000_000;

    private readonly List<FormatSpec> _pieces = [];
    private readonly StringBuilder _text = new();
    private int _at;

    /// <summary>The pieces; null, and what is wrong, where there is a mistake.</summary>
    public static IReadOnlyList<FormatSpec>? Parse(string format, out string? error) => new FormatParser(format).Parse(out error);

    private List<FormatSpec>? Parse(out string? error)
    {
        while (_at < format.Length)
        {
            char c = format[_at++];
            if (c != '%')
            {
                _text.Append(c);
            }
            else if (Take('%'))
            {
                _text.Append('%');
            }
            else if (!ParseConversion())
            {
                error = _at >= format.Length && format[^1] != '%' ? "trailing incomplete print format conversion" : InvalidConversion;
                return null;
            }
        }

        EndText();
        error = null;
        return _pieces;
    }

    private bool ParseConversion()
    {
        FormatFlags flags = ParseFlag();
        FormatNumber width = ParseNumber(isPrecision: false);
        FormatNumber precision = Take('.') ? ParseNumber(isPrecision: true) : default;
        Take('l');
        if (_at >= format.Length)
            return false;
        FormatConversion? conversion = format[_at] switch
        {
            'b' => FormatConversion.Binary,
            'c' => FormatConversion.Character,
            'd' or 'i' => FormatConversion.Signed,
            'm' => FormatConversion.Memory,
            'M' => FormatConversion.MemoryHexadecimal,
            'o' => FormatConversion.Octal,
            'p' => FormatConversion.Pointer,
            's' => FormatConversion.String,
            'u' => FormatConversion.Unsigned,
            'x' => FormatConversion.Hexadecimal,
            'X' => FormatConversion.UpperHexadecimal,
            _ => null,
        };
        if (conversion is not { } known)
            return false;
        _at++;
        EndText();
        if (known == FormatConversion.Binary)
            width = SizeOfBinary(width);
        _pieces.Add(new FormatConversionSpec(known, flags, width, precision));
        return true;
    }

    private FormatFlags ParseFlag()
    {
        FormatFlags flag = _at >= format.Length ? FormatFlags.None : format[_at] switch
        {
            '#' => FormatFlags.Alternate,
            '0' => FormatFlags.ZeroPad,
            '-' => FormatFlags.LeftJustify,
            '+' => FormatFlags.Plus,
            ' ' => FormatFlags.Space,
            _ => FormatFlags.None,
        };
        if (flag != FormatFlags.None)
            _at++;
        return flag;
    }

    private FormatNumber ParseNumber(bool isPrecision)
    {
        if (Take('*'))
            return new FormatNumber(null, IsArgument: true);
        long value = 0;
        int start = _at;
        for (; _at < format.Length && char.IsAsciiDigit(format[_at]); _at++)
            value = Math.Min(MaxDigits, (value * 10) + format[_at] - '0');
        // "%.d" has a precision, of 0.
        return _at > start || isPrecision ? new FormatNumber(value, IsArgument: false) : default;
    }

    /// <summary><c>%b</c> writes 1, 2, 4 or 8 bytes; 8 where it says nothing, or something else.</summary>
    private static FormatNumber SizeOfBinary(FormatNumber width) =>
        width.IsArgument || width.Value is 1 or 2 or 4 ? width : new FormatNumber(8, IsArgument: false);

    private bool Take(char c)
    {
        if (_at >= format.Length || format[_at] != c)
            return false;
        _at++;
        return true;
    }

    private void EndText()
    {
        if (_text.Length == 0)
            return;
        _pieces.Add(new FormatTextSpec(_text.ToString()));
        _text.Clear();
    }
}
