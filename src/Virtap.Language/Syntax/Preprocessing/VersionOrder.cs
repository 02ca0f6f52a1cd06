namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>
/// The order of version numbers, as strverscmp(3) of the C library has it: digits compare as numbers, those with leading zeros as
/// fractions.
/// </summary>
public static class VersionOrder
{
    /// <summary>
    /// Less than zero, zero or more than zero, as <paramref name="left"/> comes before, with or after <paramref name="right"/>.
    /// </summary>
    public static int Compare(string left, string right)
    {
        int i = 0;
        while (i < left.Length && i < right.Length && left[i] == right[i])
            i++;
        if (i == left.Length && i == right.Length)
            return 0;

        // The digits around the first difference: the number that both share a beginning of.
        int start = i;
        while (start > 0 && char.IsAsciiDigit(left[start - 1]))
            start--;
        bool leftDigit = i < left.Length && char.IsAsciiDigit(left[i]);
        bool rightDigit = i < right.Length && char.IsAsciiDigit(right[i]);
        int plain = At(left, i) - At(right, i);

        if (start == i ? !(leftDigit && rightDigit) : !(leftDigit || rightDigit))
            return plain;
        // A shared beginning of nothing but zeros, or a zero that leads: fractions. More leading zeros mean less.
        bool isFraction = start < i ? At(left, start) == '0' : At(left, i) == '0' || At(right, i) == '0';
        if (isFraction)
        {
            bool onlyZeros = left.AsSpan(start, i - start).IndexOfAnyExcept('0') < 0;
            if (!onlyZeros || (leftDigit && rightDigit))
                return plain;
            // One of both ends here: "0" comes after "00", and after "01".
            return leftDigit ? -1 : 1;
        }

        int leftLength = DigitsFrom(left, i), rightLength = DigitsFrom(right, i);
        return leftLength != rightLength ? leftLength - rightLength : plain;
    }

    private static int At(string text, int index) => index < text.Length ? text[index] : 0;

    private static int DigitsFrom(string text, int index)
    {
        int end = index;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - index;
    }
}
