using System.Globalization;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What stands behind a command's name, read in the way that many commands read it.</summary>
internal static class CommandArguments
{
    /// <summary>Something has to be there.</summary>
    /// <exception cref="PromptException">Nothing is.</exception>
    public static string Given(string text) => text.Length > 0 ? text : throw new PromptException("Argument required (an expression).");

    /// <summary>A number without a sign.</summary>
    /// <exception cref="PromptException">It is none.</exception>
    public static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number : throw new PromptException($"a number is wanted, not '{text}'");

    /// <summary>The first word, and all behind it.</summary>
    public static (string Word, string Behind) SplitWord(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[space..].Trim());
    }

    /// <summary>Divides <c>/x EXPR</c>.</summary>
    public static (string Format, string Behind) SplitFormat(string text) => text.StartsWith('/') ? SplitWord(text[1..]) : ("", text);
}
