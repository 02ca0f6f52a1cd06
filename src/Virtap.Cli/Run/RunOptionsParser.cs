using System.Globalization;
using Virtap.Cli.Options;
using Virtap.Cli.Targets;

namespace Virtap.Cli.Run;

/// <summary>Reads the command line of <c>virtap run</c>, with stap's meanings and stap's words for what is wrong.</summary>
internal static partial class RunOptionsParser
{
    private const string SeeHelp = "Try '--help' for more information.";

    /// <summary>Reads it.</summary>
    /// <returns>The options; or what is wrong; or, for -h and its like, which of them was asked for.</returns>
    public static (RunOptions? Options, string? Problem, RunRequest Request) Parse(IReadOnlyList<string> arguments)
    {
        var reader = new OptionReader(RunOptionRules.All, arguments);
        var state = new State();
        while (reader.TryRead(out OptionRule? option, out string argument))
        {
            RunRequest request = (option.Letter, option.Name) switch
            {
                ('h', _) => RunRequest.Help,
                ('V', _) => RunRequest.Version,
                (_, "clean-cache") => RunRequest.CleanCache,
                (_, "language-server") => RunRequest.LanguageServer,
                _ => RunRequest.Run,
            };
            if (request != RunRequest.Run)
                return (null, null, request);
            if (state.Apply(option, argument, reader.HasArgument) is { } problem)
                return (null, problem, RunRequest.Run);
        }

        if (reader.Problem is not null)
            return (null, $"stap: {reader.Problem}\n{SeeHelp}", RunRequest.Run);
        return state.Finish(reader.Operands) is { } wrong
            ? (null, wrong, RunRequest.Run)
            : (state.Options, null, RunRequest.Run);
    }

    /// <summary>The options gathered so far.</summary>
    private sealed partial class State
    {
        private readonly int[] _verbosity = new int[5];
        private readonly List<string> _moreScripts = [], _folders = [], _symbolFiles = [], _notes = [];
        private readonly List<(ResourceKind, ulong)> _limits = [];
        private readonly Dictionary<string, string> _definitions = [], _globals = [], _executables = [];
        private readonly List<(string, string[])> _given = [];
        private bool _hasPass;

        public RunOptions Options { get; private set; } = new();

        /// <summary>Takes an option; returns what is wrong with it.</summary>
        public string? Apply(OptionRule option, string argument, bool hasArgument)
        {
            if (ArgumentProblem(option, argument, hasArgument) is { } problem)
                return problem;
            if (RunOptionRules.ReasonAgainst(option) is { } reason)
                return $"{option.Spelling} ({option.Help}) is not supported{reason}.";
            if (option.Letter is not ('i' or 'e'))
                _given.Add((option.Spelling, WordsOf(option, argument, hasArgument)));
            switch (option.Letter)
            {
                case 'p':
                    _hasPass = true;
                    return TryNumber(argument, 1, 5, pass => Options with { LastPass = pass })
                        ? null : "Invalid pass number (should be 1-5).";
                case 'v':
                    for (int i = 0; i < 5; i++)
                        _verbosity[i]++;
                    return null;
                case 'e' when Options.ScriptText is not null:
                    return "Only one script can be given on the command line.";
                case 'E':
                    _moreScripts.Add(argument);
                    return null;
                case 'l' or 'L':
                    return Listing(Options with { ListPoint = argument, ListVariables = option.Letter == 'L' });
                case 'x':
                    return SetTarget(argument);
                case 'D':
                    AddPair(_definitions, argument, valueIfNone: "1");
                    return null;
                case 'G':
                    AddPair(_globals, argument);
                    return null;
                case 'd':
                    _symbolFiles.Add(argument);
                    return null;
                case 'I':
                    _folders.Add(argument);
                    return null;
                case 's':
                    return TryNumber(argument, 1, 4095, megabytes => Options with { BufferMegabytes = megabytes })
                        ? null : "Invalid buffer size (should be 1-4095).";
                case 'T':
                    return TryNumber(argument, 1, int.MaxValue, seconds => Options with { Seconds = seconds })
                        ? null : "Invalid timeout interval.";
                case 'S':
                    Options = Options with { Rotation = FileRotation.Parse(argument) };
                    return null;
                case not '\0' when OfLetter(option.Letter, argument) is { } changed:
                    Options = changed;
                    return null;
                default:
                    return ApplyLong(option, argument);
            }
        }

        /// <summary>A number, as stap wants one; beyond that, the name of a virtual machine that runs.</summary>
        private string? SetTarget(string word)
        {
            if (ProcessWord.Find(word) is not { } process)
                return $"Invalid target process ID number{ProcessWord.OutOfSight()}.";
            Options = Options with { TargetProcess = process == 0 ? null : process };
            return null;
        }

        /// <summary>Options that say one thing, and of which nothing can be wrong any more.</summary>
        private RunOptions? OfLetter(char letter, string argument) => letter switch
        {
            'w' => Options with { HidesWarnings = true },
            'W' => Options with { WarningsAreErrors = true },
            'g' => Options with { IsGuru = true },
            'u' => Options with { KeepsUnused = true },
            'F' => Options with { IsRecorder = true },
            'i' => Options with { IsInteractive = true },
            't' => Options with { ReportsTiming = true },
            'q' => Options with { ReportsCoverage = true },
            'e' => Options with { ScriptText = argument },
            'c' => Options with { Command = argument },
            'o' => Options with { OutputPath = argument },
            'm' => Options with { ModuleName = ModuleName(argument) },
            // A path stands for a kernel that is built there, whose version nobody says.
            'r' => Options with { KernelRelease = argument.StartsWith('/') || argument.Length == 0 ? null : argument },
            _ => null,
        };

        private string? ApplyLong(OptionRule option, string argument)
        {
            if (OfName(option.Name, argument) is { } changed)
            {
                Options = changed;
                return null;
            }

            switch (option.Name)
            {
                case "vp":
                    for (int i = 0; i < argument.Length; i++)
                        _verbosity[i] += argument[i] - '0';
                    return null;
                case "exe":
                    return AddPair(_executables, argument) ? null : $"'{argument}' is not of the form NAME=VALUE.";
                case "rlimit-cpu" or "rlimit-nproc" or "rlimit-stack" or "rlimit-fsize":
                    return AddLimit(option.Name, argument);
                case "dump-probe-types":
                    return Listing(Options with { Dump = DumpKind.ProbeTypes });
                case "dump-probe-aliases":
                    return Listing(Options with { Dump = DumpKind.ProbeAliases });
                case "dump-functions":
                    return Listing(Options with { Dump = DumpKind.Functions });
                default:
                    _notes.Add($"{option.Spelling}: {RunOptionRules.Idle.First(i => i.Rule == option).Reason}.");
                    return null;
            }
        }

        /// <inheritdoc cref="OfLetter"/>
        private RunOptions? OfName(string? name, string argument) => name switch
        {
            "runtime" => Options with { UsesPtrace = argument == "ptrace" },
            "safe" => Options with { IsSafe = true },
            "color" or "colour" => Options with { Color = argument == "auto" ? null : argument != "never" },
            "compatible" => Options with { CompatibleVersion = argument.Length == 0 ? null : argument },
            "privilege" => Options with { Privilege = argument.Length == 0 ? "stapusr" : argument },
            "unprivileged" => Options with { Privilege = "stapusr" },
            "skip-badvars" => Options with { SkipsBadVariables = true },
            "ldd" => Options with { HasSymbolsOfLibraries = true },
            "suppress-handler-errors" => Options with { SuppressesHandlerErrors = true },
            "suppress-time-limits" => Options with { SuppressesTimeLimits = true },
            "no-global-var-display" => Options with { HidesUnreadGlobals = true },
            "example" => Options with { IsExample = true },
            _ => null,
        };

        /// <summary>Operands and what only shows when everything has been read.</summary>
        public string? Finish(IReadOnlyList<string> operands)
        {
            bool needsFile = Options.ScriptText is null && !Options.IsListing;
            if (needsFile && operands.Count == 0 && !Options.IsInteractive)
                return $"A script must be specified.\nTry '-i' for building a script interactively.\n{SeeHelp}";
            if (Options is { ModuleName: not null } and not { IsRecorder: true, OutputPath: null })
                _notes.Add("-m: there is no kernel module to name.");
            Options = Options with
            {
                ScriptPath = needsFile && operands.Count > 0 ? operands[0] : null,
                Arguments = [.. operands.Skip(needsFile ? 1 : 0)],
                MoreScripts = _moreScripts,
                Verbosity = _verbosity,
                Definitions = _definitions,
                Globals = _globals,
                Executables = _executables,
                TapsetFolders = _folders,
                SymbolFiles = _symbolFiles,
                ResourceLimits = _limits,
                Notes = _notes,
                GivenWords = _given,
            };
            string? problem = Options switch
            {
                { Command: not null, TargetProcess: not null } => "You can't specify -c and -x together.",
                { IsGuru: true, Privilege: not "stapdev" } => $"You can't specify -g and --privilege={Options.Privilege} together.",
                { IsListing: true, ScriptText: not null } => "Cannot specify a script with -l/-L/--dump-* switches.",
                { IsListing: true } when _hasPass => "Cannot specify -p with -l/-L/--dump-* switches.",
                { IsListing: true, IsInteractive: true } => "Cannot specify -i with -l/-L/--dump-* switches.",
                { IsRecorder: true, UsesPtrace: true } => "You can't specify -F and --runtime=ptrace together: a recorder takes eBPF.",
                { Rotation: not null, OutputPath: null, LastPass: 5 } => "You have to specify output FILE with '-S' option.",
                _ => null,
            };
            return problem is null ? null : $"{problem}\n{SeeHelp}";
        }

        private static string[] WordsOf(OptionRule option, string argument, bool hasArgument) => (option.Letter, hasArgument) switch
        {
            ('\0', true) => [$"--{option.Name}={argument}"],
            (_, true) => [option.Spelling, argument],
            _ => [option.Spelling],
        };

        private string? Listing(RunOptions changed)
        {
            if (Options.IsListing)
                return "ERROR: only one of the -l/-L/--dump-* switches may be specified";
            Options = changed;
            return null;
        }

        private string? AddLimit(string option, string argument)
        {
            if (!ulong.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out ulong limit))
                return $"Unable to convert resource limit '{argument}' for {option}";
            _limits.Add((Enum.Parse<ResourceKind>(option["rlimit-".Length..], ignoreCase: true), limit));
            return null;
        }

        private bool TryNumber(string argument, int min, int max, Func<int, RunOptions> change)
        {
            if (!int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < min || number > max)
                return false;
            Options = change(number);
            return true;
        }

        private static bool AddPair(Dictionary<string, string> into, string argument, string? valueIfNone = null)
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals == 0 || (equals < 0 && valueIfNone is null))
                return false;
            into[equals < 0 ? argument : argument[..equals]] = equals < 0 ? valueIfNone! : argument[(equals + 1)..];
            return true;
        }
    }
}
