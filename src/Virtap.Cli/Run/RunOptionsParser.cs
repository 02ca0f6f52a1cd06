using System.Globalization;
using Virtap.Cli.Options;

namespace Virtap.Cli.Run;

/// <summary>Reads the command line of <c>virtap run</c>, with stap's meanings and stap's words for what is wrong.</summary>
internal static class RunOptionsParser
{
    private const string SeeHelp = "Try '--help' for more information.";

    /// <summary>Reads it.</summary>
    /// <returns>The options; or what is wrong; or, for -h and -V, which of them was asked for.</returns>
    public static (RunOptions? Options, string? Problem, RunRequest Request) Parse(IReadOnlyList<string> arguments)
    {
        var reader = new OptionReader(RunOptionRules.All, arguments);
        var state = new State();
        while (reader.TryRead(out OptionRule option, out string argument))
        {
            if (option.Letter is 'h' or 'V')
                return (null, null, option.Letter == 'h' ? RunRequest.Help : RunRequest.Version);
            string? problem = RunOptionRules.Refused.Contains(option)
                ? $"{option.Spelling} ({option.Help}) is not supported yet."
                : state.Apply(option, argument);
            if (problem is not null)
                return (null, problem, RunRequest.Run);
        }

        if (reader.Problem is not null)
            return (null, $"stap: {reader.Problem}\n{SeeHelp}", RunRequest.Run);
        return state.Finish(reader.Operands) is { } wrong
            ? (null, wrong, RunRequest.Run)
            : (state.Options, null, RunRequest.Run);
    }

    /// <summary>The options gathered so far.</summary>
    private sealed class State
    {
        private readonly int[] _verbosity = new int[5];
        private readonly List<string> _moreScripts = [], _folders = [], _notes = [];
        private readonly Dictionary<string, string> _definitions = [], _globals = [], _executables = [];

        public RunOptions Options { get; private set; } = new();

        public string? Apply(OptionRule option, string argument)
        {
            switch (option.Letter)
            {
                case 'p':
                    if (!int.TryParse(argument, CultureInfo.InvariantCulture, out int pass) || pass is < 1 or > 5)
                        return "Invalid pass number (should be 1-5).";
                    Options = Options with { LastPass = pass };
                    return null;
                case 'v':
                    for (int i = 0; i < 5; i++)
                        _verbosity[i]++;
                    return null;
                case 'w':
                    Options = Options with { HidesWarnings = true };
                    return null;
                case 'W':
                    Options = Options with { WarningsAreErrors = true };
                    return null;
                case 'g':
                    Options = Options with { IsGuru = true };
                    return null;
                case 'u':
                    Options = Options with { KeepsUnused = true };
                    return null;
                case 't':
                    Options = Options with { ReportsTiming = true };
                    return null;
                case 'q':
                    Options = Options with { ReportsCoverage = true };
                    return null;
                case 'e':
                    if (Options.ScriptText is not null)
                        return "Only one script can be given on the command line.";
                    Options = Options with { ScriptText = argument };
                    return null;
                case 'E':
                    _moreScripts.Add(argument);
                    return null;
                case 'l' or 'L':
                    if (Options.ListPoint is not null)
                        return "Listing (-l or -L) takes one probe point.";
                    Options = Options with { ListPoint = argument, ListVariables = option.Letter == 'L' };
                    return null;
                case 'x':
                    if (!int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int process) || process == 0)
                        return $"Invalid target process ID number '{argument}'.";
                    Options = Options with { TargetProcess = process };
                    return null;
                case 'c':
                    Options = Options with { Command = argument };
                    return null;
                case 'o':
                    Options = Options with { OutputPath = argument };
                    return null;
                case 'D':
                    return IsDefinition(argument) ? AddPair(_definitions, argument, valueIfNone: "1")
                        : $"Safety pattern mismatch for -D parameter ('{argument}' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$')";
                case 'G':
                    return AddPair(_globals, argument, valueIfNone: null);
                case 'I':
                    _folders.Add(argument);
                    return null;
                case 's':
                    if (!int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int megabytes)
                        || megabytes is < 1 or > 1024)
                        return "Invalid buffer size (should be 1-1024).";
                    Options = Options with { BufferMegabytes = megabytes };
                    return null;
                case 'T':
                    if (!int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) || seconds == 0)
                        return $"Invalid time '{argument}' (should be a number of seconds).";
                    Options = Options with { Seconds = seconds };
                    return null;
                default:
                    return ApplyLong(option, argument);
            }
        }

        private string? ApplyLong(OptionRule option, string argument)
        {
            switch (option.Name)
            {
                case "vp":
                    if (argument.Length > 5 || !argument.All(char.IsAsciiDigit))
                        return "Invalid --vp (should be up to five digits).";
                    for (int i = 0; i < argument.Length; i++)
                        _verbosity[i] += argument[i] - '0';
                    return null;
                case "exe":
                    return AddPair(_executables, argument, valueIfNone: null);
                case "safe":
                    Options = Options with { IsSafe = true };
                    return null;
                case "color" or "colour":
                    if (argument is not ("" or "always" or "never" or "auto"))
                        return $"Invalid argument '{argument}' for --color.";
                    Options = Options with { Color = argument == "auto" ? null : argument != "never" };
                    return null;
                case "compatible":
                    Options = Options with { CompatibleVersion = argument };
                    return null;
                case "privilege":
                    if (argument is not ("stapusr" or "stapsys" or "stapdev"))
                        return $"Invalid argument '{argument}' for --privilege.";
                    Options = Options with { Privilege = argument };
                    return null;
                case "suppress-handler-errors":
                    Options = Options with { SuppressesHandlerErrors = true };
                    return null;
                case "suppress-time-limits":
                    Options = Options with { SuppressesTimeLimits = true };
                    return null;
                case "no-global-var-display":
                    Options = Options with { HidesUnreadGlobals = true };
                    return null;
                case "dump-probe-types":
                    Options = Options with { Dump = DumpKind.ProbeTypes };
                    return null;
                case "dump-probe-aliases":
                    Options = Options with { Dump = DumpKind.ProbeAliases };
                    return null;
                case "dump-functions":
                    Options = Options with { Dump = DumpKind.Functions };
                    return null;
                default:
                    _notes.Add($"{option.Spelling}: {RunOptionRules.Idle.First(i => i.Rule == option).Reason}.");
                    return null;
            }
        }

        /// <summary>Operands and what only shows when everything has been read.</summary>
        public string? Finish(IReadOnlyList<string> operands)
        {
            bool needsFile = Options.ScriptText is null && Options.ListPoint is null && Options.Dump == DumpKind.None;
            if (needsFile && operands.Count == 0 && _moreScripts.Count == 0)
                return "A script must be specified.\n" + SeeHelp;
            bool hasFile = needsFile && operands.Count > 0;
            Options = Options with
            {
                ScriptPath = hasFile ? operands[0] : null,
                Arguments = [.. operands.Skip(hasFile ? 1 : 0)],
                MoreScripts = _moreScripts,
                Verbosity = _verbosity,
                Definitions = _definitions,
                Globals = _globals,
                Executables = _executables,
                TapsetFolders = _folders,
                Notes = _notes,
            };
            if (Options.Command is not null && Options.TargetProcess is not null)
                return "You can't specify -c and -x together.\n" + SeeHelp;
            if (Options.ListPoint is not null && (Options.ScriptText is not null || Options.Dump != DumpKind.None))
                return "You can't specify -l or -L together with a script.\n" + SeeHelp;
            return null;
        }

        /// <summary>SystemTap's pattern, which takes capital letters too.</summary>
        private static bool IsDefinition(string argument)
        {
            (string name, string? value) = argument.Split('=', 2) is [var left, var right] ? (left, right) : (argument, null);
            return name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(IsWordCharacter)
                && (value is null || (value.TrimStart('-').Length is > 0 and var length && value.Length - length <= 1
                    && value.TrimStart('-').All(IsWordCharacter)));
        }

        private static bool IsWordCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

        private static string? AddPair(Dictionary<string, string> into, string argument, string? valueIfNone)
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals == 0 || (equals < 0 && valueIfNone is null))
                return $"'{argument}' is not of the form NAME=VALUE.";
            into[equals < 0 ? argument : argument[..equals]] = equals < 0 ? valueIfNone! : argument[(equals + 1)..];
            return null;
        }
    }
}
