using Virtap.Binaries.Types;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// A format string as <c>qemu_log</c> gets it for an event: <c>name text %d text ...\n</c>, or the same after thread and time. It tells how
/// many arguments there are, what of each is printed and, where the event's declaration is missing, what they may be called.
/// </summary>
internal sealed class LogFormat
{
    private const string ThreadAndTime = "%d@%zu.%06zu:";

    private LogFormat(string eventName, string text, bool hasTime, List<LogConversion> conversions)
    {
        EventName = eventName;
        Text = text;
        ArgumentsBefore = hasTime ? 3 : 0;
        Conversions = conversions;
    }

    /// <summary>The event's name.</summary>
    public string EventName { get; }

    /// <summary>What stands behind the name, without the end of the line.</summary>
    public string Text { get; }

    /// <summary>Arguments that come before the event's: thread, seconds and microseconds, or none.</summary>
    public int ArgumentsBefore { get; }

    /// <summary>The event's arguments, each as it is printed; the width or precision in <c>%*d</c> is an argument before it.</summary>
    public IReadOnlyList<LogConversion> Conversions { get; }

    /// <summary>Reads a format string; null where it is not one of an event, or printf would not understand it.</summary>
    public static LogFormat? TryParse(string text)
    {
        bool hasTime = text.StartsWith(ThreadAndTime, StringComparison.Ordinal);
        if (hasTime)
            text = text[ThreadAndTime.Length..];
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0)
            return null;
        List<LogConversion> conversions = [];
        int literal = space;
        for (int at = space; (at = text.IndexOf('%', at)) >= 0;)
        {
            int percent = at++;
            if (at < text.Length && text[at] == '%')
            {
                at++;
                continue;
            }

            string? name = NameBefore(text.AsSpan(literal, percent - literal));
            while (at < text.Length && text[at] is '-' or '+' or ' ' or '#' or '.' or '*' or '\'' or (>= '0' and <= '9'))
            {
                if (text[at++] == '*')
                    conversions.Add(new LogConversion(null, CTypeName.Parse("int")));
            }

            int length = at;
            while (at < text.Length && text[at] is 'h' or 'l' or 'z' or 'j' or 't' or 'q' or 'L')
                at++;
            if (at >= text.Length || TypeOf(text[length..at], text[at]) is not string type)
                return null;
            conversions.Add(new LogConversion(name, CTypeName.Parse(type)));
            literal = ++at;
        }

        return new LogFormat(text[..space], text[(space + 1)..].TrimEnd('\n'), hasTime, conversions);
    }

    /// <summary>The C type that a conversion prints (C17 7.21.6.1); null for one that prints none.</summary>
    private static string? TypeOf(string length, char letter) => (length, letter) switch
    {
        ("", 'd' or 'i') => "int",
        ("", 'u' or 'x' or 'X' or 'o') => "unsigned int",
        ("hh", 'd' or 'i') => "int8_t",
        ("hh", 'u' or 'x' or 'X' or 'o') => "uint8_t",
        ("h", 'd' or 'i') => "int16_t",
        ("h", 'u' or 'x' or 'X' or 'o') => "uint16_t",
        ("l" or "ll" or "j" or "q" or "t", 'd' or 'i') => "int64_t",
        ("l" or "ll" or "j" or "q" or "t", 'u' or 'x' or 'X' or 'o') => "uint64_t",
        ("z", 'd' or 'i') => "ssize_t",
        ("z", 'u' or 'x' or 'X' or 'o') => "size_t",
        ("", 'c') => "char",
        ("", 's') => "const char *",
        ("", 'p') => "void *",
        ("" or "l", 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or 'a' or 'A') => "double",
        _ => null,
    };

    /// <summary>The word that labels what is printed: <c>vdev</c> in <c>vdev %p</c>, <c>addr</c> in <c>addr=0x%lx</c>.</summary>
    private static string? NameBefore(ReadOnlySpan<char> literal)
    {
        if (literal.EndsWith("0x"))
            literal = literal[..^2];
        int end = literal.Length;
        while (end > 0 && literal[end - 1] is ' ' or '=' or ':' or '(' or '[' or '{' or '<' or '\'' or '"' or '#' or '@')
            end--;
        int start = end;
        while (start > 0 && (char.IsAsciiLetterOrDigit(literal[start - 1]) || literal[start - 1] == '_'))
            start--;
        return start < end && !char.IsAsciiDigit(literal[start]) ? literal[start..end].ToString() : null;
    }
}

/// <summary>One argument of a format string.</summary>
/// <param name="Name">The word that labels it in the text, if one does.</param>
/// <param name="Type">The C type that is printed.</param>
internal sealed record LogConversion(string? Name, CType Type)
{
    /// <summary>Whether it travels in a vector register.</summary>
    public bool IsFloating => Type is FloatingType;
}
