using System.Text;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Marks.TraceEvents;

/// <summary>
/// Reads a line of QEMU's trace-events files: <c>[PROPERTY...] NAME(TYPE ARGUMENT, ...) ["FORMAT"[, "FORMAT"]]</c> (QEMU,
/// docs/devel/tracing).
/// </summary>
internal static class TraceEventParser
{
    /// <summary>Reads a declaration; null where the line is none.</summary>
    public static TraceEvent? Parse(ReadOnlySpan<char> line)
    {
        int open = line.IndexOf('('), close = line.IndexOf(')');
        if (open <= 0 || close < open || line.TrimStart().StartsWith('#'))
            return null;
        string[] words = line[..open].ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || ParseArguments(line[(open + 1)..close]) is not { } arguments)
            return null;
        return new TraceEvent(words[^1], arguments, ParseFormats(line[(close + 1)..]) ?? [], words[..^1]);
    }

    private static List<TraceEventArgument>? ParseArguments(ReadOnlySpan<char> text)
    {
        List<TraceEventArgument> arguments = [];
        if (text.Trim() is "" or "void")
            return arguments;
        foreach (Range range in text.Split(','))
        {
            ReadOnlySpan<char> argument = text[range].Trim();
            int name = argument.Length;
            while (name > 0 && (char.IsAsciiLetterOrDigit(argument[name - 1]) || argument[name - 1] == '_'))
                name--;
            if (name is 0 || name == argument.Length)
                return null;
            arguments.Add(new TraceEventArgument(CTypeName.Parse(argument[..name].ToString(), Typedef), argument[name..].ToString()));
        }

        return arguments;
    }

    /// <summary>
    /// QEMU's own names for addresses of the guest and of the bus (include/exec/hwaddr.h, cpu-common.h, include/sysemu/dma.h).
    /// </summary>
    private static CType? Typedef(string name) =>
        name is "hwaddr" or "dma_addr_t" or "ram_addr_t" ? new IntegerType("uint64_t", 8, IsSigned: false) : null;

    /// <summary>Formats are strings and macros side by side; a comma parts two formats. Null where one cannot be read.</summary>
    private static List<string>? ParseFormats(ReadOnlySpan<char> text)
    {
        List<string> formats = [];
        StringBuilder? format = null;
        text = text.Trim();
        while (!text.IsEmpty)
        {
            int length;
            if (text[0] == ',')
            {
                if (format is null)
                    return null;
                formats.Add(format.ToString());
                format = null;
                length = 1;
            }
            else
            {
                format ??= new StringBuilder();
                length = text[0] == '"' ? AppendString(text, format) : AppendMacro(text, format);
                if (length == 0)
                    return null;
            }

            text = text[length..].TrimStart();
        }

        if (format is not null)
            formats.Add(format.ToString());
        return formats;
    }

    /// <summary>Appends a string without its quotes and escapes; gives the characters it takes, 0 where it does not end.</summary>
    private static int AppendString(ReadOnlySpan<char> text, StringBuilder format)
    {
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] == '"')
                return at + 1;
            if (text[at] != '\\' || at + 1 == text.Length)
                format.Append(text[at]);
            else
                format.Append(text[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
        }

        return 0;
    }

    /// <summary>
    /// Appends what a macro of <c>inttypes.h</c> stands for; gives the characters its name takes, 0 where it is not known.
    /// </summary>
    private static int AppendMacro(ReadOnlySpan<char> text, StringBuilder format)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] == '_'))
            length++;
        if (length < 5 || !text.StartsWith("PRI") || text[3] is not ('d' or 'i' or 'u' or 'x' or 'X' or 'o'))
            return 0;
        string? modifier = text[4..length] switch { "64" or "PTR" or "MAX" => "l", "32" or "16" or "8" => "", _ => null };
        if (modifier is null)
            return 0;
        format.Append(modifier).Append(text[3]);
        return length;
    }
}
