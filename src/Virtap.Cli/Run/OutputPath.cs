using System.Globalization;
using System.Text;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Run;

/// <summary>-o's file name: strftime(3) conversions filled in with the local time, as stap does.</summary>
internal static class OutputPath
{
    /// <summary>Opens the file, or the first of those of -S.</summary>
    /// <exception cref="OutputException">It cannot be opened for writing.</exception>
    public static OutputWriter Open(string format, FileRotation? rotation)
    {
        string path = Expand(format, DateTimeOffset.Now);
        return rotation is { Bytes: > 0 } ? OutputWriter.ToFiles(path, rotation.Bytes, rotation.Files) : OutputWriter.ToFile(path);
    }

    /// <summary>Fills the conversions in; one that strftime does not have stays as it stands.</summary>
    public static string Expand(string format, DateTimeOffset now)
    {
        var path = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
                path.Append(format[i]);
            else
                path.Append(Conversion(format[++i], now));
        }

        return path.ToString();
    }

    private static string Conversion(char conversion, DateTimeOffset now)
    {
        string Text(string pattern) => now.ToString(pattern, CultureInfo.InvariantCulture);
        return conversion switch
        {
            '%' => "%",
            'Y' => Text("yyyy"),
            'C' => (now.Year / 100).ToString("00", CultureInfo.InvariantCulture),
            'y' => Text("yy"),
            'm' => Text("MM"),
            'd' => Text("dd"),
            'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'H' => Text("HH"),
            'I' => Text("hh"),
            'M' => Text("mm"),
            'S' => Text("ss"),
            'p' => Text("tt"),
            'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'a' => Text("ddd"),
            'A' => Text("dddd"),
            'b' or 'h' => Text("MMM"),
            'B' => Text("MMMM"),
            'u' => (now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'F' => Text("yyyy-MM-dd"),
            'D' => Text("MM/dd/yy"),
            'T' => Text("HH:mm:ss"),
            'R' => Text("HH:mm"),
            's' => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            'z' => Text("zzz").Replace(":", "", StringComparison.Ordinal),
            'n' => "\n",
            't' => "\t",
            _ => "%" + conversion,
        };
    }
}
