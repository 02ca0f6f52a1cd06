namespace Virtap.Language.Library;

/// <summary>
/// Lists of words kept as one string, with blanks between them: nothing is built at start-up for a list that a script never asks.
/// </summary>
internal static class WordList
{
    /// <summary>Whether a word is in a list.</summary>
    public static bool Contains(string list, string word)
    {
        for (int at = list.IndexOf(word, StringComparison.Ordinal); at >= 0; at = list.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            int end = at + word.Length;
            if ((at == 0 || list[at - 1] == ' ') && (end == list.Length || list[end] == ' '))
                return word.Length > 0;
        }

        return false;
    }
}
