using System.Globalization;

namespace Virtap.Language.Library;

/// <summary>
/// What <c>@const("NAME")</c> knows without headers: the error numbers, and the words for arguments of system calls that the tapset has.
/// </summary>
internal static class HeaderConstants
{
    private const int NamesInRow = 8, NameWidth = 15;

    private static readonly Lazy<Dictionary<string, long>> s_all = new(Read);

    /// <summary>The value of a name, or of a number as C writes it; null where it is not known.</summary>
    public static long? Find(string name)
    {
        if (s_all.Value.TryGetValue(name, out long value))
            return value;
        return name.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(name.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) ? value : null
            : long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) ? value : null;
    }

    private static Dictionary<string, long> Read()
    {
        Dictionary<string, long> constants = new(StringComparer.Ordinal);
        foreach (SyscallWord word in SyscallWords.Read().SelectMany(static words => words.Words))
            constants.TryAdd(word.Word, word.Number);

        // The tapset's rows of eight names, as errno_str() reads them.
        string[] rows = [.. Tapset.ReadText("errno.stp").Split('\n')
            .Where(static line => line.StartsWith("\t\treturn \"", StringComparison.Ordinal)).Select(static line => line.Split('"')[1])];
        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < NamesInRow && i * NameWidth < rows[row].Length; i++)
            {
                int start = i * NameWidth;
                string name = rows[row][start..Math.Min(start + NameWidth, rows[row].Length)].Trim();
                if (name.Length > 0)
                    constants[name] = (row * NamesInRow) + i;
            }
        }

        return constants;
    }
}
