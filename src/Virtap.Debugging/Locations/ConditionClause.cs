namespace Virtap.Debugging.Locations;

/// <summary>The clause that may stand behind a place or an expression: <c>PLACE if CONDITION</c>.</summary>
public static class ConditionClause
{
    /// <summary>Divides a text.</summary>
    /// <returns>What stands before the clause (empty for nothing), and the condition; null where there is none.</returns>
    public static (string Before, string? Condition) Split(string text)
    {
        int at = $" {text}".IndexOf(" if", StringComparison.Ordinal);
        while (at >= 0)
        {
            string behind = text[(at + 2)..];
            if (behind.Length > 0 && behind[0] is ' ' or '(')
                return (text[..at].Trim(), behind.Trim());
            at = $" {text}".IndexOf(" if", at + 1, StringComparison.Ordinal);
        }

        return (text, null);
    }
}
