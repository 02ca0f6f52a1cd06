using System.Globalization;
using System.Text;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Values;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>gdb's <c>printf</c>, as far as values of C are concerned, and its <c>echo</c>.</summary>
internal sealed class PrintfText(DebugSession session)
{
    /// <summary>The text that a format and its expressions make.</summary>
    /// <param name="rest">The format between quotation marks, and behind a comma the expressions.</param>
    /// <exception cref="PromptException">The format is none, or has other arguments.</exception>
    public string Of(string rest)
    {
        if (!rest.StartsWith('"'))
            throw new PromptException("Bad format string");
        int end = 1;
        while (end < rest.Length && rest[end] != '"')
            end += rest[end] == '\\' ? 2 : 1;
        if (end >= rest.Length)
            throw new PromptException("Bad format string, non-terminated '\"'");
        string format = rest[1..end];
        var expressions = new Queue<string>(SplitArguments(rest[(end + 1)..].TrimStart().TrimStart(',')));
        var text = new StringBuilder();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }

            int start = ++at;
            while (at < format.Length && (char.IsAsciiDigit(format[at]) || format[at] is '-' or '#' or '.' or 'l' or 'h' or 'z'))
                at++;
            char letter = at < format.Length ? format[at] : '%';
            if (letter == '%')
            {
                text.Append('%');
                continue;
            }

            if (!expressions.TryDequeue(out string? expression))
                throw new PromptException("Bad format string, missing '\"' or wrong number of arguments for specified format-string");
            string digits = format[start..at].TrimEnd('l', 'h', 'z').TrimStart('#');
            text.Append(Pad(Formatted(letter, expression), digits));
        }

        return Unescape(text.ToString());
    }

    /// <summary>A text with what its backslashes mean.</summary>
    public static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                if (text[at] != '\\')
                    plain.Append(text[at]);
                continue;
            }

            plain.Append(text[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'a' => '\a', var other => other });
        }

        return plain.ToString();
    }

    private string Formatted(char letter, string expression)
    {
        Value value = session.Expressions.Evaluate(expression);
        switch (letter)
        {
            case 's':
                ulong address = value.ToAddress();
                return session.Target.Memory.ReadString(address) ?? throw new MemoryFaultException(address);
            case 'd' or 'i':
                return value.ToNumber().ToString(CultureInfo.InvariantCulture);
            case 'c':
                return ((char)(byte)(value.ToNumber() & 0xff)).ToString();
            case 'f' or 'g' or 'e':
                return session.Expressions.Text(value, session.Options);
            case 'x' or 'p' or 'u' or 'o':
                string text = session.Expressions.Text(value, session.Options with { Format = letter == 'p' ? 'x' : letter });
                return letter == 'x' && text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
            default:
                throw new PromptException($"Unrecognized format specifier '{letter}' in printf");
        }
    }

    private static string Pad(string text, string width)
    {
        int dot = width.IndexOf('.', StringComparison.Ordinal);
        string whole = dot < 0 ? width : width[..dot];
        if (!int.TryParse(whole, CultureInfo.InvariantCulture, out int columns))
            return text;
        return columns < 0 ? text.PadRight(-columns) : whole.StartsWith('0') ? text.PadLeft(columns, '0') : text.PadLeft(columns);
    }

    private static IEnumerable<string> SplitArguments(string text)
    {
        int depth = 0, start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            depth += text[at] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
            if (text[at] != ',' || depth != 0)
                continue;
            yield return text[start..at].Trim();
            start = at + 1;
        }

        if (text[start..].Trim() is { Length: > 0 } last)
            yield return last;
    }
}
