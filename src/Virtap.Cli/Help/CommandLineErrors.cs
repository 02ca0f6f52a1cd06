using System.CommandLine;
using System.CommandLine.Parsing;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Names;

namespace Virtap.Cli.Help;

/// <summary>
/// What is wrong with a command line, a line each on standard error, and where to read on; the help itself is left to who asks for it.
/// </summary>
internal static class CommandLineErrors
{
    /// <summary>Tells the errors.</summary>
    /// <returns>The exit status.</returns>
    public static int Report(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (UnknownOption(parsed) is { } option)
        {
            StandardStreams.Report($"error: there is no option '{option}' here");
            StandardStreams.Report(
                NameSuggestion.Nearest(option, [.. command.Options.Select(static known => known.Name)]) is string meant
                ? $"hint: did you mean {meant}?" : $"hint: virtap {command.Name} --help tells what it takes");
            return ExitStatus.Failure;
        }

        // Beside a word that is no command, that there is no command is no news.
        foreach (ParseError error in parsed.Errors.Where(
            error => command is not RootCommand || error.SymbolResult is not CommandResult
            || parsed.UnmatchedTokens.Any(word => error.Message.Contains(word, StringComparison.Ordinal))))
            StandardStreams.Report($"error: {Describe(error)}");
        if (command is RootCommand root && parsed.UnmatchedTokens is [string word, ..]
            && NameSuggestion.Nearest(word, [.. root.Subcommands.Select(static known => known.Name)]) is string near)
            StandardStreams.Report($"hint: did you mean virtap {near}?");
        else
            StandardStreams.Report(
                command is RootCommand
                ? "hint: virtap --help lists the commands" : $"hint: virtap {command.Name} --help tells what it takes");
        return ExitStatus.Failure;
    }

    // It is taken for an argument, and the word behind it for one too many, which is innocent.
    private static string? UnknownOption(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? null : parsed.Tokens
        .TakeWhile(static token => token.Type != TokenType.DoubleDash)
        .FirstOrDefault(static token => token is { Type: TokenType.Argument, Value: ['-', '-', >= 'a' and <= 'z', ..] })?.Value;

    private static string Describe(ParseError error) => error.SymbolResult switch
    {
        // The library names the .NET type that it wanted.
        ArgumentResult { Tokens: [.., { Value: string word }] } argument when IsNumber(argument.Argument.ValueType) =>
            NoNumber(word, argument.Argument.Name),
        OptionResult { Tokens: [.., { Value: string word }] } option when IsNumber(option.Option.ValueType) =>
            NoNumber(word, option.Option.Name),
        // The library lists on lines of their own what it would take.
        _ => string.Join(' ', error.Message.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.'),
    };

    private static bool IsNumber(Type type) => type == typeof(double) || type == typeof(double?) || type == typeof(int?);

    // A misspelt option is taken for an argument; a number with a sign is one.
    private static string NoNumber(string word, string taker) =>
        word is ['-', not (>= '0' and <= '9'), ..] ? $"there is no option '{word}' here" : $"'{word}' is no number, which {taker} takes";
}
