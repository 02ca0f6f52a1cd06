using System.Globalization;

namespace Virtap.Cli.Run;

/// <summary>-S SIZE[,N]: output goes to FILE.0, FILE.1 and so on, to the next when one is full.</summary>
/// <param name="Bytes">When a file is full; 0 for never.</param>
/// <param name="Files">How many are kept, the oldest go; 0 for all.</param>
internal sealed record FileRotation(long Bytes, int Files)
{
    /// <summary>Reads what matches <see cref="SafetyPattern.FileSizes"/>: megabytes, and the number of files.</summary>
    public static FileRotation Parse(string argument)
    {
        string[] numbers = argument.Split(',');
        return new FileRotation(
            (long)Number(numbers[0], long.MaxValue >> 20) << 20, numbers.Length == 1 ? 0 : (int)Number(numbers[1], int.MaxValue));
    }

    private static ulong Number(string digits, long max) =>
        ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? Math.Min(number, (ulong)max) : (ulong)max;
}
