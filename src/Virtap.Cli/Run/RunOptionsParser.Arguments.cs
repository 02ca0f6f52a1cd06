using System.Globalization;
using Virtap.Cli.Options;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Cli.Run;

/// <summary>What stap finds wrong with an option's argument before it looks at anything else, in its words.</summary>
internal static partial class RunOptionsParser
{
    private sealed partial class State
    {
        private string? ArgumentProblem(OptionRule option, string argument, bool hasArgument) => option.Letter == '\0'
            ? LongProblem(option.Name!, argument, hasArgument)
            : option.Letter switch
            {
                'D' => SafetyPattern.Definition.Problem(argument),
                'G' => SafetyPattern.GlobalValue.Problem(argument),
                'S' => SafetyPattern.FileSizes.Problem(argument),
                'a' => SafetyPattern.Architecture.Problem(argument),
                'm' when ModuleName(argument).Length == 0 => "Module name cannot be empty.",
                'm' => SafetyPattern.ModuleName.Problem(ModuleName(argument)),
                'd' when argument.Length == 0 => "Data object (-d) cannot be empty.",
                'c' when argument.Length == 0 => "Empty CMD string invalid.",
                _ => null,
            };

        /// <summary>The name that -m gives, cut as stap cuts it to what kernels take.</summary>
        private static string ModuleName(string argument)
        {
            const int longest = 55;
            string name = argument.EndsWith(".ko", StringComparison.Ordinal) ? argument[..^".ko".Length] : argument;
            return name.Length > longest ? name[..longest] : name;
        }

        private string? LongProblem(string name, string argument, bool hasArgument)
        {
            string? invalid = $"Invalid argument '{argument}' for --{name}.";
            return name switch
            {
                "vp" when argument.Length is < 1 or > 5 || !argument.All(char.IsAsciiDigit) =>
                    "Invalid --vp argument: it takes 1 to 5 digits.",
                "color" or "colour" when hasArgument && argument is not ("always" or "never" or "auto") =>
                    $"Invalid argument '{argument}' for --color.",
                "prologue-searching" when hasArgument && argument is not ("always" or "never" or "auto") => invalid,
                "privilege" when argument is not ("stapusr" or "stapsys" or "stapdev") => invalid,
                "use-server-on-error" when hasArgument && argument is not ("yes" or "no") => invalid,
                "runtime" => RuntimeProblem(argument),
                "dyninst" => RuntimeProblem(name),
                "compatible" when VersionOrder.Compare(argument, RunHelp.LanguageVersion) > 0 =>
                    $"ERROR: systemtap version {RunHelp.LanguageVersion} cannot be compatible with future version {argument}",
                "suppress-time-limits" when !Options.IsGuru => "ERROR --suppress-time-limits requires guru mode (-g)",
                "download-debuginfo" when argument is not ("" or "yes" or "no" or "ask") && !argument.All(char.IsAsciiDigit) =>
                    $"ERROR: {argument} is not a valid value. Use 'yes', 'no', 'ask' or a timeout value.",
                "modinfo" => SafetyPattern.ModuleInformation.Problem(argument),
                "rlimit-as" or "rlimit-cpu" or "rlimit-nproc" or "rlimit-stack" or "rlimit-fsize" when argument.Length == 0 =>
                    $"An --{name} option value must be specified.",
                "sysenv" => "ERROR: --sysenv must follow --sysroot",
                "sysroot" when !Directory.Exists(argument) => $"ERROR: {argument} is an invalid directory for --sysroot",
                "target-namespaces" when !int.TryParse(argument, out int process) || process < 1 =>
                    "Invalid process ID number for target namespaces.",
                "target-namespaces" => NamespaceProblem(int.Parse(argument, CultureInfo.InvariantCulture)),
                "monitor" when hasArgument && !(int.TryParse(argument, out int seconds) && seconds > 0) =>
                    "Invalid monitor interval.",
                _ => null,
            };
        }

        /// <summary>What scripts ask of namespaces, ns_pid() and its like, is answered as this session's have it.</summary>
        private static string? NamespaceProblem(int process)
        {
            string? other = ((IEnumerable<string>)["pid", "user"]).FirstOrDefault(
                kind => LinkOf(process.ToString(CultureInfo.InvariantCulture), kind) != LinkOf("self", kind));
            if (other is null)
                return null;
            return LinkOf($"{process}", other) is null
                ? $"--target-namespaces: there is no process {process} whose namespaces can be read."
                : $"--target-namespaces is not supported: the {other} namespace of process {process} is not that of this session, as whose "
                    + "ns_pid() and its like see processes.";

            static string? LinkOf(string process, string kind)
            {
                try
                {
                    return new FileInfo($"/proc/{process}/ns/{kind}").LinkTarget;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return null;
                }
            }
        }

        private static string? RuntimeProblem(string runtime) => runtime switch
        {
            "kernel" or "bpf" or "ptrace" => null,
            "dyninst" => "ERROR: --runtime=dyninst unavailable; this build lacks DYNINST feature",
            _ => $"ERROR: {runtime} is an invalid argument for --runtime",
        };
    }
}
