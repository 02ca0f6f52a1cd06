using System.Diagnostics.CodeAnalysis;

namespace Virtap.Cli.Options;

/// <summary>
/// Reads a command line as getopt_long(3) does, which is what people who know <c>stap</c> have in their fingers: <c>-vp2</c>, <c>-p 2</c>,
/// <c>--runtime=bpf</c>, <c>--comp 4.8</c> (any unique beginning), options behind operands, <c>--</c>.
/// </summary>
/// <param name="options">Every option there is.</param>
/// <param name="arguments">The command line without the command.</param>
internal sealed class OptionReader(IReadOnlyList<OptionRule> options, IReadOnlyList<string> arguments)
{
    private readonly List<string> _operands = [];
    private int _next;
    private string _bundle = "";
    private bool _onlyOperands;

    /// <summary>What is not an option, in order; whole once <see cref="TryRead"/> has returned false.</summary>
    public IReadOnlyList<string> Operands => _operands;

    /// <summary>What is wrong with the command line, in getopt's words; null while nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the option that was read last was given an argument, be it "".</summary>
    public bool HasArgument { get; private set; }

    /// <summary>The next option and its argument ("" where it has none). False at the end, or when something is wrong.</summary>
    public bool TryRead([NotNullWhen(true)] out OptionRule? option, out string argument)
    {
        option = null;
        argument = "";
        while (_bundle.Length == 0)
        {
            if (_next == arguments.Count)
                return false;
            string word = arguments[_next++];
            if (_onlyOperands || word.Length < 2 || word[0] != '-')
                _operands.Add(word);
            else if (word == "--")
                _onlyOperands = true;
            else if (word.StartsWith("--", StringComparison.Ordinal))
                return TryReadLong(word[2..], out option, out argument);
            else
                _bundle = word[1..];
        }

        return TryReadShort(out option, out argument);
    }

    private bool TryReadShort([NotNullWhen(true)] out OptionRule? option, out string argument)
    {
        char letter = _bundle[0];
        _bundle = _bundle[1..];
        argument = "";
        option = options.FirstOrDefault(o => o.Letter == letter);
        if (option is null)
            return Fail($"invalid option -- '{letter}'");
        HasArgument = false;
        if (option.Argument == OptionArgument.None)
            return true;
        (argument, _bundle) = (_bundle, "");
        HasArgument = option.Argument == OptionArgument.Required || argument.Length > 0;
        if (argument.Length > 0 || option.Argument == OptionArgument.Optional)
            return true;
        return TryTakeNext(out argument) || Fail($"option requires an argument -- '{letter}'");
    }

    private bool TryReadLong(string word, [NotNullWhen(true)] out OptionRule? option, out string argument)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? word : word[..equals];
        argument = equals < 0 ? "" : word[(equals + 1)..];
        HasArgument = equals >= 0;
        OptionRule[] fitting = [.. options.Where(o => o.Name?.StartsWith(name, StringComparison.Ordinal) == true)];
        option = Array.Find(fitting, o => o.Name == name) ?? (fitting.Length == 1 ? fitting[0] : null);
        if (option is null)
        {
            return Fail(fitting.Length == 0
                ? $"unrecognized option '--{name}'"
                : $"option '--{name}' is ambiguous; possibilities: {string.Join(' ', fitting.Select(o => $"'--{o.Name}'"))}");
        }

        if (option.Argument == OptionArgument.None && equals >= 0)
            return Fail($"option '--{option.Name}' doesn't allow an argument");
        if (option.Argument == OptionArgument.Required && equals < 0 && !TryTakeNext(out argument))
            return Fail($"option '--{option.Name}' requires an argument");
        return true;
    }

    private bool TryTakeNext(out string argument)
    {
        bool isThere = _next < arguments.Count;
        argument = isThere ? arguments[_next++] : "";
        return isThere;
    }

    private bool Fail(string problem)
    {
        Problem = problem;
        return false;
    }
}
