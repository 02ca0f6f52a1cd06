namespace Virtap.Cli.Run;

/// <summary>What <c>virtap run</c> was asked to do.</summary>
internal sealed record RunOptions
{
    /// <summary>The script's path, "-" for standard input; null with -e, -l, -L and the dumps.</summary>
    public string? ScriptPath { get; init; }

    /// <summary>-e: the script itself.</summary>
    public string? ScriptText { get; init; }

    /// <summary>-E: scripts that run beside it.</summary>
    public IReadOnlyList<string> MoreScripts { get; init; } = [];

    /// <summary>$1, @1 and so on, as given.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>-p: the last pass, 1 to 5.</summary>
    public int LastPass { get; init; } = 5;

    /// <summary>-v and --vp: verbosity of each pass, pass 1 at index 0.</summary>
    public IReadOnlyList<int> Verbosity { get; init; } = [0, 0, 0, 0, 0];

    /// <summary>-l or -L: the probe point to list.</summary>
    public string? ListPoint { get; init; }

    /// <summary>-L: with the variables.</summary>
    public bool ListVariables { get; init; }

    /// <summary>--dump-probe-types, --dump-probe-aliases, --dump-functions: what to list instead of running anything.</summary>
    public DumpKind Dump { get; init; }

    /// <summary>-x: the process of target().</summary>
    public int? TargetProcess { get; init; }

    /// <summary>-c: the command that the session lasts for.</summary>
    public string? Command { get; init; }

    /// <summary>-o: where the script's output goes, strftime formats not yet filled in.</summary>
    public string? OutputPath { get; init; }

    /// <summary>-D: limits and switches by name; "1" where no value was given.</summary>
    public IReadOnlyDictionary<string, string> Definitions { get; init; } = new Dictionary<string, string>();

    /// <summary>-G: initial values of globals by name.</summary>
    public IReadOnlyDictionary<string, string> Globals { get; init; } = new Dictionary<string, string>();

    /// <summary>-d: files whose symbols scripts may ask for, beside the probed ones.</summary>
    public IReadOnlyList<string> SymbolFiles { get; init; } = [];

    /// <summary>--ldd: the symbols of the probed programs' libraries too.</summary>
    public bool HasSymbolsOfLibraries { get; init; }

    /// <summary>-I: folders with more tapset files.</summary>
    public IReadOnlyList<string> TapsetFolders { get; init; } = [];

    /// <summary>-w</summary>
    public bool HidesWarnings { get; init; }

    /// <summary>-W</summary>
    public bool WarningsAreErrors { get; init; }

    /// <summary>-t: how often each probe ran and how long it took.</summary>
    public bool ReportsTiming { get; init; }

    /// <summary>-q: which tapset functions the script used.</summary>
    public bool ReportsCoverage { get; init; }

    /// <summary>-u</summary>
    public bool KeepsUnused { get; init; }

    /// <summary>-g</summary>
    public bool IsGuru { get; init; }

    /// <summary>-T: seconds after which the session ends.</summary>
    public int? Seconds { get; init; }

    /// <summary>-S: how output files follow each other; null for one file that grows.</summary>
    public FileRotation? Rotation { get; init; }

    /// <summary>--rlimit-*: limits for this process and its children.</summary>
    public IReadOnlyList<(ResourceKind Kind, ulong Limit)> ResourceLimits { get; init; } = [];

    /// <summary>-r: the release that kernel_v and kernel_vr are in scripts; null for the running kernel's.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>--example: the script is one of the examples, by its name alone.</summary>
    public bool IsExample { get; init; }

    /// <summary>-l, -L or a dump: nothing runs.</summary>
    public bool IsListing => ListPoint is not null || Dump != DumpKind.None;

    /// <summary>-s: megabytes of buffer between kernel and Virtap.</summary>
    public int? BufferMegabytes { get; init; }

    /// <summary>--exe FROM=TO: which file stands for a path of the script.</summary>
    public IReadOnlyDictionary<string, string> Executables { get; init; } = new Dictionary<string, string>();

    /// <summary>--safe: control characters in the script's output are quoted.</summary>
    public bool IsSafe { get; init; }

    /// <summary>--color; null decides by the terminal.</summary>
    public bool? Color { get; init; }

    /// <summary>--compatible: the version that the preprocessor's systemtap_v shows.</summary>
    public string? CompatibleVersion { get; init; }

    /// <summary>--privilege: what systemtap_privilege shows.</summary>
    public string Privilege { get; init; } = "stapdev";

    /// <summary>-F: a recorder in the background runs the session.</summary>
    public bool IsRecorder { get; init; }

    /// <summary>-i: a prompt at which the script is put together.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>The options as they were given, each with how it is spelled, but for -i and -e.</summary>
    public IReadOnlyList<(string Spelling, string[] Words)> GivenWords { get; init; } = [];

    /// <summary>-m: the name of a recorder that keeps its output in memory; null for one that is made.</summary>
    public string? ModuleName { get; init; }

    /// <summary>--runtime=ptrace: handlers of targets run in this process, while the thread that was hit stands still.</summary>
    public bool UsesPtrace { get; init; }

    /// <summary>--skip-badvars</summary>
    public bool SkipsBadVariables { get; init; }

    /// <summary>--suppress-handler-errors</summary>
    public bool SuppressesHandlerErrors { get; init; }

    /// <summary>--suppress-time-limits</summary>
    public bool SuppressesTimeLimits { get; init; }

    /// <summary>--no-global-var-display: globals that nothing reads are not printed at the end.</summary>
    public bool HidesUnreadGlobals { get; init; }

    /// <summary>What an option that has nothing to do here would have done; told with -v.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The verbosity of a pass, 1 to 5.</summary>
    public int VerbosityOf(int pass) => Verbosity[pass - 1];
}

/// <summary>What to list instead of running a script.</summary>
internal enum DumpKind
{
    None,
    ProbeTypes,
    ProbeAliases,
    Functions,
}

/// <summary>What a command line of <c>virtap run</c> wants.</summary>
internal enum RunRequest
{
    Run,
    Help,
    Version,

    /// <summary>There is no cache, so that it is clean already.</summary>
    CleanCache,
    LanguageServer,
}
