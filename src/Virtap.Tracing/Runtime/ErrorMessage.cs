using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// The line that SystemTap prints for an error nobody caught: <c>ERROR: division by 0 near operator '/' at t.stp:1:31</c>.
/// </summary>
public static class ErrorMessage
{
    /// <summary>Appends the line with its end.</summary>
    /// <param name="line">Where to.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="site">Where in the script; null where that is not known. error() has its own words and no place.</param>
    /// <param name="value">The error's value: the address of a read fault, the declared size of an array that is full.</param>
    /// <param name="text">The words of error().</param>
    public static void Append(TextBuffer line, RuntimeError error, ErrorSite? site, long value, ReadOnlySpan<byte> text)
    {
        line.Append("ERROR: "u8);
        if (error == RuntimeError.Raised)
        {
            line.Append(text);
        }
        else
        {
            line.Append(RuntimeErrorText.Of(error, value));
            if (site is not null)
                line.Append($" near {site.Near} at {site.Location}");
        }

        EndLine(line);
    }

    /// <summary>Ends the line if its text has not done so itself.</summary>
    internal static void EndLine(TextBuffer line)
    {
        if (!line.Written.EndsWith("\n"u8))
            line.Append("\n"u8);
    }
}
