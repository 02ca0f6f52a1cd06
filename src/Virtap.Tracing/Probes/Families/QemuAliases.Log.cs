using System.Text;
using Virtap.Binaries.Marks;

namespace Virtap.Tracing.Probes.Families;

/// <summary>What QEMU logs of an event, as statements that print it.</summary>
internal sealed partial class QemuAliases
{
    /// <summary>
    /// The body of the alias that logs; null where it is not known how the event is logged. An argument that cannot be read everywhere is a
    /// question mark.
    /// </summary>
    private static string? LogOf(Mark mark)
    {
        int count = mark.Sites[0].Arguments.Count;
        if (mark.Format is not { } format || mark.Sites.Any(site => site.Arguments.Count != count))
            return null;
        var text = new StringBuilder();
        var strings = new StringBuilder();
        List<string> values = [];
        int argument = 0;
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || (at + 1 < format.Length && format[at + 1] == '%'))
            {
                // Of "%%" both are passed on.
                text.Append(Escaped(format[at]));
                if (format[at] == '%')
                    text.Append(format[++at]);
                continue;
            }

            int flags = ++at;
            while (at < format.Length && format[at] is '-' or '+' or ' ' or '#' or '.' or '*' or (>= '0' and <= '9'))
                at++;
            string style = format[flags..at];
            // All numbers are of 64 bits: their sizes mean nothing.
            while (at < format.Length && format[at] is 'h' or 'l' or 'z' or 'j' or 't' or 'q')
                at++;
            int stars = style.Count(static each => each == '*');
            if (at == format.Length || format[at] is not ('d' or 'i' or 'u' or 'x' or 'X' or 'o' or 'c' or 's' or 'p')
                || argument + stars >= count)
                return null;
            bool isReadable = true;
            for (int i = 0; i <= stars; i++, argument++)
            {
                isReadable &= IsReadable(mark, argument);
                string name = NameOf(mark, argument);
                if (i == stars && format[at] == 's' && isReadable)
                    strings.Append($"try {{ arg{name}_str = {name} ? user_string_n({name}, 512) : \"<null>\" }} catch {{ }} ");
                values.Add(i == stars && format[at] == 's' ? $"arg{name}_str" : name);
            }

            if (isReadable)
            {
                text.Append('%').Append(style).Append(format[at]);
                continue;
            }

            values.RemoveRange(values.Count - stars - 1, stars + 1);
            text.Append('?');
        }

        string all = string.Concat(values.Select(static value => ", " + value));
        return argument == count ? $"{strings}printf(\"%d@%d {mark.Name} {text}\\n\", pid(), gettimeofday_ns(){all})" : null;
    }

    private static string Escaped(char letter) => letter switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\t' => "\\t",
        _ => letter.ToString(),
    };
}
