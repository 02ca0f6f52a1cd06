using Virtap.Cli.Commands;
using Virtap.Debugging.Printing;

namespace Virtap.Cli.Options;

/// <summary>How values are printed, as the words of a command line say it.</summary>
internal static class PrintSettings
{
    /// <summary>How values are printed, by settings as gdb has them and perhaps a letter.</summary>
    /// <exception cref="CommandException">There is no such setting, or format.</exception>
    public static PrintOptions Read(string[] settings, string? format)
    {
        var options = new PrintOptions { IsUtf8 = IsUtf8() };
        foreach (string setting in settings)
        {
            options = options.With(setting, out string? problem);
            if (problem is not null)
                throw new CommandException($"--set '{setting}': {problem}");
        }

        return format is null ? options : WithFormat(options, format.TrimStart('/'));
    }

    /// <summary>What a word asks for that may begin with a format: <c>/x EXPR</c>.</summary>
    /// <exception cref="CommandException">There is no such format.</exception>
    public static (char? Letter, string Expression) SplitFormat(string word) => word is ['/', var letter, ' ', ..]
        ? (WithFormat(new PrintOptions(), letter.ToString()).Format, word[3..]) : (null, word);

    private static PrintOptions WithFormat(PrintOptions options, string letter) =>
        letter is [var format] && PrintOptions.Formats.Contains(format, StringComparison.Ordinal) ? options with { Format = format }
            : throw new CommandException(
                $"there is no format '{letter}'; there are {string.Join(' ', PrintOptions.Formats.ToCharArray())}");

    /// <summary>Whether this terminal's characters are UTF-8, as locale(7) has it.</summary>
    private static bool IsUtf8()
    {
        string? locale = ((IEnumerable<string>)["LC_ALL", "LC_CTYPE", "LANG"]).Select(Environment.GetEnvironmentVariable)
            .FirstOrDefault(static value => !string.IsNullOrEmpty(value));
        return locale is null || !(locale is "C" or "POSIX");
    }
}
