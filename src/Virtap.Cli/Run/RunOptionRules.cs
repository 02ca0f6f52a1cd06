using Virtap.Cli.Options;
using static Virtap.Cli.Options.OptionArgument;

namespace Virtap.Cli.Run;

/// <summary>The options of <c>virtap run</c>: those of stap(1), and --exe.</summary>
internal static class RunOptionRules
{
    private const string BehindPrologue =
        "where debug information has a function's arguments behind its prologue only, it is probed there anyway";

    /// <summary>Options that do something, in the order of the help.</summary>
    public static IReadOnlyList<OptionRule> Working { get; } =
    [
        new('h', "help", None, "", "show help"),
        new('V', "version", None, "", "show version"),
        new('p', null, Required, "NUM", "stop after pass NUM 1-5, instead of 5\n(parse, elaborate, translate, load, run)"),
        new('v', null, None, "", "add verbosity to all passes"),
        new('\0', "vp", Required, "{N}+", "add per-pass verbosity [00000]"),
        new('w', null, None, "", "suppress warnings"),
        new('W', null, None, "", "turn warnings into errors"),
        new('g', null, None, "", "guru mode (embedded C is refused: nothing here compiles C)"),
        new('u', null, None, "", "unoptimized: what the script does not use is looked at too"),
        new('e', null, Required, "SCRIPT", "run the given script"),
        new('E', null, Required, "SCRIPT", "run SCRIPT in addition to the main script"),
        new('l', null, Required, "PROBE", "list matching probe points"),
        new('L', null, Required, "PROBE", "list matching probe points and their variables"),
        new('x', null, Required, "PID",
            "set target() to PID (or to a virtual machine's, by its name);\nprograms are probed in it and what descends from it"),
        new('c', null, Required, "CMD",
            "start the probes, run CMD, and exit when it finishes; programs are\nprobed in it and what descends from it"),
        new('o', null, Required, "FILE", "send script output to FILE; strftime(3) formats are filled in"),
        new(
            'D', null, Required, "NM=VAL", "set a limit:\n"
            + string.Join(",\n", SessionLimits.Names.Chunk(4).Select(static names => string.Join(", ", names)))),
        new('G', null, Required, "VAR=VAL", "set global variable to value"),
        new(
            'I', null, Required, "DIR", "look in DIR for additional .stp and .stpm files, and in its\n"
                + "folders for the kernel's version and the processor;\none with mistakes is left out"),
        new('d', null, Required, "FILE",
            "usymname() and its like know the symbols of FILE too, beside\nthose of the files that are probed"),
        new('\0', "ldd", None, "", "the same for the libraries of the programs that are probed"),
        new('S', null, Required, "SIZE[,N]", "with -o: go on in FILE.0, FILE.1, ... each of SIZE megabytes,\nand keep the last N"),
        new('F', null, None, "",
            "go on in the background (flight recorder). With -o, print the\nprocess id, end by a signal; without it, keep "
                + "what is printed in\nmemory, whence staprun -A fetches it"),
        new('m', null, Required, "MODULE", "with -F: the name that staprun -A knows it by"),
        new('i', "interactive", None, "", "put the script together at a prompt, and run it there: help"),
        new('s', null, Required, "NUM",
            "buffer size in megabytes, instead of 8 (of 4095; the ring is a\npower of two, 2048 at most); the memory of -F, instead of 16"),
        new('t', null, None, "", "collect probe timing information"),
        new('q', null, None, "", "list the tapset's functions that the script uses"),
        new('r', null, Required, "RELEASE", "what kernel_v and kernel_vr are to scripts and tapsets, instead\nof the running kernel's"),
        new('T', null, Required, "TIME", "terminate the script after TIME seconds"),
        new('\0', "exe", Required, "FROM=TO", "probe file TO where the script says process(\"FROM\")"),
        new(
            '\0', "safe", None, "",
            "quote what a terminal would obey in the script's output:\ncontrol characters, marks that turn the direction of text, "
                + "bytes\nthat are no text"),
        new('\0', "color", Optional, "WHEN", "colour in messages: always, never, auto"),
        new('\0', "colour", Optional, "WHEN", "the same"),
        new('\0', "compatible", Required, "VERSION", "what systemtap_v is to scripts, instead of 5.2"),
        new('\0', "privilege", Required, "LEVEL", "what systemtap_privilege is to scripts: stapusr, stapsys, stapdev"),
        new('\0', "unprivileged", None, "", "the same as --privilege=stapusr"),
        new('\0', "runtime", Required, "NAME",
            "where handlers of programs run: kernel (or bpf), as without it;\nor ptrace: here, while the thread stands still"),
        new('\0', "example", None, "", "run the example script of that name, wherever the examples lie"),
        new('\0', "rlimit-cpu", Required, "NUM", "limit of processor time in seconds, as by setrlimit(2)"),
        new('\0', "rlimit-nproc", Required, "NUM", "limit of the user's processes"),
        new('\0', "rlimit-stack", Required, "NUM", "limit of the stack in bytes, for what -c starts"),
        new('\0', "rlimit-fsize", Required, "NUM", "limit of a written file in bytes"),
        new('\0', "skip-badvars", None, "", "0 for target variables that there are not, or that cannot be read"),
        new('\0', "suppress-handler-errors", None, "", "catch all runtime errors, quietly skip probe handlers"),
        new('\0', "suppress-time-limits", None, "", "no MAXACTION limit; takes -g before it"),
        new('\0', "no-global-var-display", None, "", "do not print at the end the globals that the script never reads"),
        new('\0', "dump-probe-types", None, "", "show the probe types there are"),
        new('\0', "dump-probe-aliases", None, "", "show the probe aliases of the tapset"),
        new('\0', "dump-functions", None, "", "show the functions of the tapset"),
        new('\0', "clean-cache", None, "", "nothing: there is no cache"),
        new('\0', "language-server", None, "", "serve an editor on standard input and output, in the language\nserver protocol"),
    ];

    /// <summary>
    /// Options of stap that are about how it works inside, each with the reason why there is nothing to do; told with -v.
    /// </summary>
    public static IReadOnlyList<(OptionRule Rule, string Reason)> Idle { get; } =
    [
        (new('k', null, None, "", ""), "there is no temporary directory to keep"),
        (new('R', null, Required, "", ""), "there is no runtime directory"),
        (new('B', null, Required, "", ""), "no kernel module is built"),
        (new('\0', "modinfo", Required, "", ""), "there is no kernel module to mark"),
        (new('\0', "all-modules", None, "", ""), "addresses in the kernel's modules are not Virtap's business"),
        (new('P', null, None, "", ""), BehindPrologue),
        (new('\0', "prologue-searching", Optional, "", ""), BehindPrologue),
        (new('\0', "disable-cache", None, "", ""), "there is no cache"),
        (new('\0', "poison-cache", None, "", ""), "there is no cache"),
        (new('\0', "check-version", None, "", ""), "--compatible changes what systemtap_v is, and nothing else that could be told of"),
        (new('\0', "tmpdir", Required, "", ""), "there is no temporary directory"),
        (new('\0', "bpf", None, "", ""), "probes of programs run in eBPF, unless there is --runtime=ptrace"),
        (new('\0', "download-debuginfo", Optional, "", ""),
            "nothing is downloaded: debug information is read from files, debuginfod's cache among them"),
        (new('\0', "use-server-on-error", Optional, "", ""), "there is no other compiler to turn to"),
        (new('\0', "build-as", Required, "", ""), "nothing is built"),
        (new('\0', "save-uprobes", None, "", ""), "no uprobes module is built"),
        (new('\0', "semantic-keep-going", None, "", ""), "every mistake that is found in a script is told anyway"),
        (new('\0', "target-namespaces", Required, "", ""), "the process's namespaces are those of this session"),
        (new('\0', "sign-module", Optional, "", ""), "there is no kernel module to sign"),
    ];

    /// <summary>Options of stap that would change what happens, and are refused; without a reason those that are to come.</summary>
    public static IReadOnlyList<(OptionRule Rule, string? Reason)> Refused { get; } =
    [
        (new('b', null, None, "", "bulk mode, a file for each processor"),
            "all processors write into one ring, so that their output is in order and there is nothing to merge"),
        (new('a', null, Required, "", "another architecture"), "programs are made for the processor that they run on"),
        (new('\0', "monitor", Optional, "", "the monitor screen"), null),
        (new('\0', "remote", Required, "", "another host"), "a script runs where virtap runs: ssh HOST virtap run SCRIPT"),
        (new('\0', "remote-prefix", None, "", "another host"), "a script runs where virtap runs: ssh HOST virtap run SCRIPT"),
        (new('\0', "use-server", Optional, "", "a compile server"), NoServer),
        (new('\0', "list-servers", Optional, "", "compile servers"), NoServer),
        (new('\0', "trust-servers", Optional, "", "compile servers"), NoServer),
        (new('\0', "sysroot", Required, "", "files of another root"), "a probe is put into the file that runs here; --exe says which"),
        (new('\0', "sysenv", Required, "", "files of another root"), "a probe is put into the file that runs here; --exe says which"),
        (new('\0', "rlimit-as", Required, "", "a limit of address space"),
            "the runtime reserves far more of it than it uses, and would be ended by any limit"),
        (new('\0', "dyninst", None, "", "the dyninst runtime"), "--runtime=ptrace is the one that takes no privilege"),
    ];

    private const string NoServer = "no compiler is needed, here or elsewhere";

    /// <summary>Why an option is refused, as the end of a sentence that begins with "not supported"; null for one that is not.</summary>
    public static string? ReasonAgainst(OptionRule option) => Refused.FirstOrDefault(each => each.Rule == option) switch
    {
        (null, _) => null,
        (_, null) => " yet",
        (_, var reason) => $": {reason}",
    };

    /// <summary>Every option.</summary>
    public static IReadOnlyList<OptionRule> All { get; } = [.. Working, .. Idle.Select(i => i.Rule), .. Refused.Select(r => r.Rule)];
}
