using System.Text;
using Virtap.Interop;

namespace Virtap.Cli.Typing;

/// <summary>
/// Lines that are typed at a terminal: with a history (arrows), completion (Tab), and the keys that shells know (Ctrl-A, E, U, K, W, L).
/// </summary>
/// <param name="input">The terminal.</param>
/// <param name="complete">Given a line up to the cursor, what its last word may become.</param>
internal sealed unsafe class LineEditor(WakeableInput input, Func<string, IReadOnlyList<string>> complete)
{
    // struct termios and its flags (asm-generic/termbits.h).
    private const int TermiosBytes = 64, InputFlagsAt = 0, LocalFlagsAt = 12, Now = 0, Input = 0, Output = 1;
    private const uint ByLines = 2, Echo = 8, ReturnAsNewline = 0x100;
    private const int MaxHistory = 1000;

    private readonly List<string> _history = [];

    /// <summary>Whether both ends are a terminal.</summary>
    public static bool IsTerminal
    {
        get
        {
            byte* state = stackalloc byte[TermiosBytes];
            return Libc.ReadTerminal(Input, state) == 0 && Libc.ReadTerminal(Output, state) == 0;
        }
    }

    /// <summary>Reads a line; null at the end of the input.</summary>
    public string? Read(string prompt)
    {
        byte* before = stackalloc byte[TermiosBytes];
        byte* raw = stackalloc byte[TermiosBytes];
        if (Libc.ReadTerminal(Input, before) != 0)
            return null;
        new ReadOnlySpan<byte>(before, TermiosBytes).CopyTo(new Span<byte>(raw, TermiosBytes));
        *(uint*)(raw + LocalFlagsAt) &= ~(ByLines | Echo);
        *(uint*)(raw + InputFlagsAt) |= ReturnAsNewline;
        _ = Libc.WriteTerminal(Input, Now, raw);
        try
        {
            return Edit(prompt);
        }
        finally
        {
            _ = Libc.WriteTerminal(Input, Now, before);
        }
    }

    private string? Edit(string prompt)
    {
        var line = new StringBuilder();
        int at = 0, shown = _history.Count;
        Draw();
        while (true)
        {
            int key = ReadKey();
            switch (key)
            {
                case -1 or 4 when line.Length == 0:
                    Write("\n");
                    return null;
                case -1 or '\n' or '\r':
                    Write("\n");
                    if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line.ToString()))
                        _history.Add(line.ToString());
                    if (_history.Count > MaxHistory)
                        _history.RemoveAt(0);
                    return line.ToString();
                case 1:
                    at = 0;
                    break;
                case 5:
                    at = line.Length;
                    break;
                case 4 when at < line.Length:
                    line.Remove(at, 1);
                    break;
                case 8 or 127 when at > 0:
                    line.Remove(--at, 1);
                    break;
                case 9:
                    Complete(line, ref at);
                    break;
                case 11:
                    line.Length = at;
                    break;
                case 12:
                    Write("\e[H\e[2J");
                    break;
                case 21:
                    line.Remove(0, at);
                    at = 0;
                    break;
                case 23:
                    int word = at;
                    while (word > 0 && line[word - 1] == ' ')
                        word--;
                    while (word > 0 && line[word - 1] != ' ')
                        word--;
                    line.Remove(word, at - word);
                    at = word;
                    break;
                case 27:
                    Move(line, ref at, ref shown);
                    break;
                case >= 32:
                    line.Insert(at++, (char)key);
                    break;
            }

            Draw();
        }

        void Draw() => Write($"\r{prompt}{line}\e[K\r\e[{prompt.Length + at}C");
    }

    private void Move(StringBuilder line, ref int at, ref int shown)
    {
        if (ReadKey() is not ('[' or 'O'))
            return;
        switch (ReadKey())
        {
            case 'C' when at < line.Length:
                at++;
                break;
            case 'D' when at > 0:
                at--;
                break;
            case 'H':
                at = 0;
                break;
            case 'F':
                at = line.Length;
                break;
            case 'A' when shown > 0:
                Show(_history[--shown], ref at);
                break;
            case 'B' when shown < _history.Count:
                shown++;
                Show(shown < _history.Count ? _history[shown] : "", ref at);
                break;
            case '3':
                ReadKey();
                if (at < line.Length)
                    line.Remove(at, 1);
                break;
        }

        void Show(string text, ref int column)
        {
            line.Clear().Append(text);
            column = text.Length;
        }
    }

    private void Complete(StringBuilder line, ref int at)
    {
        string before = line.ToString(0, at);
        int start = before.LastIndexOfAny([' ', '*', '(', '&', '/']) + 1;
        string word = before[start..];
        List<string> fitting = [.. complete(before).Where(each => each.StartsWith(word, StringComparison.Ordinal)).Distinct().Order()];
        if (fitting.Count == 0)
            return;
        int common = fitting[0].Length;
        foreach (string each in fitting)
        {
            while (!each.StartsWith(fitting[0][..common], StringComparison.Ordinal))
                common--;
        }

        string added = fitting[0][word.Length..Math.Max(common, word.Length)] + (fitting.Count == 1 ? " " : "");
        const int MaxShown = 100;
        if (added.Length == 0)
            Write($"\n{string.Join("  ", fitting.Take(MaxShown))}{(fitting.Count > MaxShown ? " ..." : "")}\n");
        line.Insert(at, added);
        at += added.Length;
    }

    private int ReadKey() => input.ReadByte();

    private static void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
            _ = Libc.Write(Output, start, (nuint)bytes.Length);
    }
}
