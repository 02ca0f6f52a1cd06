namespace Virtap.Cli.Options;

/// <summary>One option of a command.</summary>
/// <param name="Letter">Its short form; '\0' for none.</param>
/// <param name="Name">Its long form, without the dashes; null for none.</param>
/// <param name="Argument">Whether it takes an argument.</param>
/// <param name="Placeholder">What the help calls its argument.</param>
/// <param name="Help">What it does, in one line.</param>
internal sealed record OptionRule(char Letter, string? Name, OptionArgument Argument, string Placeholder, string Help)
{
    /// <summary>As people write it: <c>-p</c> or <c>--exe</c>.</summary>
    public string Spelling => Letter != '\0' ? $"-{Letter}" : $"--{Name}";
}

/// <summary>Whether an option takes an argument.</summary>
internal enum OptionArgument
{
    None,
    Required,

    /// <summary>Only in the same word: <c>--color=never</c>.</summary>
    Optional,
}
