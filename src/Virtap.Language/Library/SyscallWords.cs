using System.Globalization;
using System.Text;

namespace Virtap.Language.Library;

/// <summary>What a number is called that is an argument of system calls: a line of <c>Tapset/syscall_flags.txt</c>.</summary>
/// <param name="Type">The type of the argument.</param>
/// <param name="Kind">How the words make up the number.</param>
/// <param name="Words">The words, in the order in which they are written.</param>
internal sealed record SyscallWords(string Type, SyscallWordKind Kind, IReadOnlyList<SyscallWord> Words)
{
    private const long SignalMask = 0xff;

    /// <summary>All lines.</summary>
    public static IEnumerable<SyscallWords> Read()
    {
        string lines = Tapset.ReadText("syscall_flags.txt").Replace("\n\t", " ", StringComparison.Ordinal);
        return lines.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(Parse);
    }

    /// <summary>Writes <c>__syscall_TYPE</c>, which makes the words of a number; what has none stands in hexadecimal.</summary>
    public void WriteFunction(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"private function __syscall_{Type}:string(value:long)\n{{\n");
        if (Kind == SyscallWordKind.One)
        {
            foreach ((string word, long number, _) in Words)
                text.Append(CultureInfo.InvariantCulture, $"\tif (value == {number})\n\t\treturn \"{word}\"\n");
            text.Append("\treturn sprintf(\"0x%x\", value & 0xffffffff)\n}\n");
            return;
        }

        long known = Kind == SyscallWordKind.AnyAndSignal ? SignalMask : 0;
        text.Append("\ttext = \"\"\n");
        foreach ((string word, long number, long mask) in Words)
        {
            known |= mask;
            text.Append(CultureInfo.InvariantCulture, $"\tif ((value & {mask}) == {number})\n\t\ttext = text . \"|{word}\"\n");
        }

        if (Kind == SyscallWordKind.AnyAndSignal)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\tif (value & {SignalMask})\n\t\ttext = text . \"|SIG\" . signal_str(value & {SignalMask})\n");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $$"""
            	rest = value & {{~known & uint.MaxValue}}
            	if (rest || text == "")
            		text = text . sprintf("|0x%x", rest)
            	return substr(text, 1, strlen(text))
            }

            """);
    }

    private static SyscallWords Parse(string line)
    {
        string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        SyscallWordKind kind = parts[1] switch
        {
            "one" => SyscallWordKind.One,
            "any" => SyscallWordKind.Any,
            _ => SyscallWordKind.AnyAndSignal,
        };
        List<SyscallWord> words = [];
        for (int at = 2; at + 1 < parts.Length; at += 2)
        {
            string[] number = parts[at].Split('/');
            long value = NumberOf(number[0]);
            words.Add(new SyscallWord(parts[at + 1], value, number.Length > 1 ? NumberOf(number[1]) : value));
        }

        return new SyscallWords(parts[0], kind, words);
    }

    private static long NumberOf(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>A word for a number, or for a part of one.</summary>
/// <param name="Word">The word.</param>
/// <param name="Number">What it stands for.</param>
/// <param name="Mask">Which bits are looked at.</param>
internal readonly record struct SyscallWord(string Word, long Number, long Mask);

/// <summary>How words make up a number.</summary>
internal enum SyscallWordKind
{
    /// <summary>One of them is the number.</summary>
    One,

    /// <summary>The number is the sum of some of them.</summary>
    Any,

    /// <summary>The same, and its low byte is a signal.</summary>
    AnyAndSignal,
}
