namespace Virtap.Cli.Rendering;

/// <summary>Bars of a picture made of characters.</summary>
internal static class Bar
{
    // U+2589 to U+258F: seven eighths of a block to one.
    private const string Eighths = "▏▎▍▌▋▊▉";

    /// <summary>A bar.</summary>
    /// <param name="part">How long, from 0 to 1.</param>
    /// <param name="width">Characters that 1 takes.</param>
    /// <param name="hasBlocks">Whether it may be made of block characters, an eighth of one at the end; else of #, and what is more than
    /// nothing is seen.</param>
    public static string Of(double part, int width, bool hasBlocks)
    {
        part = Math.Clamp(part, 0, 1);
        if (!hasBlocks)
            return new string('#', (int)Math.Ceiling(part * width));
        int eighths = (int)Math.Ceiling(part * width * 8);
        return new string('█', eighths / 8) + (eighths % 8 > 0 ? Eighths[(eighths % 8) - 1] : "");
    }
}
