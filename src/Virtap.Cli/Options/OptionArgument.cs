namespace Virtap.Cli.Options;

/// <summary>Whether an option takes an argument.</summary>
internal enum OptionArgument
{
    None,
    Required,

    /// <summary>Only in the same word: <c>--color=never</c>.</summary>
    Optional,
}
