using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Processes.Programs;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Machines;
using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary><c>virtap stacks</c>: what every thread of a process is doing.</summary>
internal static class StacksCommand
{
    // perf's habit: not in step with what a program does a hundred times a second.
    private const int DefaultFrequency = 99;

    public static Command Create()
    {
        Argument<string?> target = ProcessWord.Argument("process", $"{ProcessWord.Meaning}; by default the one QEMU that runs");
        var thread = new Argument<string?>("thread")
        {
            Description = "only this thread: its id, its name, or the iothread's that it is", Arity = ArgumentArity.ZeroOrOne,
        };
        var profile = new Option<double?>("--profile")
        {
            Description = "for so long, sample what its threads do while they run, and print the hottest stacks; nothing is stopped",
            HelpName = "seconds",
        };
        var frequency = new Option<int>("--frequency", "-F")
        {
            Description = "samples a second that a thread runs", HelpName = "hertz", DefaultValueFactory = static _ => DefaultFrequency,
        };
        var folded = new Option<string?>("--folded")
        {
            Description = "write the stacks to a file as flamegraph.pl and speedscope read them", HelpName = "file",
        };
        var svg = new Option<string?>("--svg") { Description = "draw a flame graph", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("stacks", """
            what every thread of a QEMU, or of any process, is doing: in words, and the calls that say so

            Each thread is stopped for as long as it takes to copy its registers and its stack (the longest is told), the
            calls are found out afterwards, by call frame information: neither frame pointers nor debug information are
            needed. Exit status 1 where a thread could not be looked at.

            Examples:
              virtap stacks
              virtap stacks 4711
              virtap stacks 4711 'CPU 0/KVM'
              virtap stacks --core core.4711
              virtap stacks 4711 --profile 10 --svg busy.svg --folded busy.folded
            """) { target, thread, profile, frequency, folded, svg, json };
        var core = new CoreOptions(command);
        command.SetAction(parsed =>
        {
            var wanted = new ProfileRequest(
                parsed.GetValue(profile), parsed.GetValue(frequency), parsed.GetValue(folded), parsed.GetValue(svg),
                parsed.GetResult(frequency) is { Implicit: false });
            wanted.Check(isTargetNamed: parsed.GetValue(target) is not null);
            (CoreProcess? opened, string? word) = (core.Open(parsed), parsed.GetValue(target));
            return wanted.Seconds is null ? Run(opened, word, parsed.GetValue(thread), parsed.GetValue(json))
                : Profile(opened, word, parsed.GetValue(thread), wanted, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(CoreProcess? core, string? word, string? thread, bool asJson)
    {
        if (core is not null && word is not null)
            throw new CommandException("a core is of one process: give no process id with --core");
        TargetProcess process = core is not null ? core : word is not null ? ProcessWord.Get(word) : TheOneQemu();
        MachineThreads? machine = OfMachine(process);
        using ProcessStacks stacks = process is LiveProcess live
            ? ProcessStacks.Of(live, [.. live.Threads().Where(each => Is(thread, each.Id, each.Name, machine))]) : ProcessStacks.Of(core!);
        ThreadLook[] looks = [.. stacks.Threads.Where(look => Is(thread, look.ThreadId, look.Name, machine))];
        if (looks.Length == 0)
            throw new CommandException(thread is null ? $"{process.Label} has no threads" : NoThread(process, thread));
        foreach (string problem in stacks.Problems)
            StandardStreams.Report($"warning: {problem}");
        CommandOutput.Write(
            asJson, writer => StacksJson.Write(writer, process, looks, machine),
            output => StacksText.Write(output, process, looks, machine));
        return looks.All(static look => look.Failure is null) ? ExitStatus.Success : ExitStatus.Failure;
    }

    private static int Profile(CoreProcess? core, string? word, string? thread, ProfileRequest wanted, bool asJson)
    {
        if (core is not null)
            throw new CommandException("a core does not run: there is nothing to profile in it");
        LiveProcess process = word is not null ? ProcessWord.Get(word) : TheOneQemu();
        MachineThreads? machine = thread is null ? null : OfMachine(process);
        if (thread is not null && !process.Threads().Any(each => Is(thread, each.Id, each.Name, machine)))
            throw new CommandException(NoThread(process, thread));

        // Before the time is spent: a file that cannot be written.
        using StreamWriter? folded = Create(wanted.Folded), svg = Create(wanted.Svg);
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        StackProfile profile = StackProfile.Take(
            process, (threadId, name) => Is(thread, threadId, name, machine), TimeSpan.FromSeconds(wanted.Seconds!.Value), wanted.Frequency,
            stop.Token);
        folded?.Write(ProfileFiles.Folded(profile));
        svg?.Write(FlameGraph.Draw(profile, Figures.Invariant(
            $"{process.Label} ({process.Name}): {Figures.Count(profile.Samples, "sample")} in {profile.Duration.TotalSeconds:0.0} s")));
        CommandOutput.Write(
            asJson, writer => ProfileFiles.Write(writer, process, profile), output => ProfileText.Write(output, process, profile));
        foreach (string problem in profile.Problems)
            StandardStreams.Report($"warning: {problem}");
        if (profile.Lost > 0)
            StandardStreams.Report($"warning: {Figures.Count(profile.Lost, "sample")} lost: the kernel had no room for them");
        if (profile.Unwatched > 0)
            StandardStreams.Report(
                $"warning: {Figures.Count(profile.Unwatched, "thread")} not sampled: there is no memory or no file for them");
        if (profile.ExcludesKernel)
            StandardStreams.Report("warning: time in the kernel is not in it: that takes root, or CAP_PERFMON");
        return ExitStatus.Success;

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static StreamWriter? Create(string? path)
    {
        try
        {
            return path is null ? null : new StreamWriter(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(e.Message);
        }
    }

    private static LiveProcess TheOneQemu() => QemuPrograms.Running() switch
    {
        [var only] => only,
        [] => throw new CommandException(
            QemuPrograms.OutOfSight().Count > 0 || !LiveProcess.OthersAreVisible
            ? RunningQemus.DescribeNone() : "no QEMU runs: which process is meant?"),
        var several => throw new CommandException(
            $"several QEMUs run: which is meant? {string.Join(", ", several.Select(Describe))}; as in virtap stacks {several[0].Id}"),
    };

    private static string Describe(LiveProcess process) =>
        Figures.Invariant($"{process.Id}") + (RunningQemus.NameOf(process) is { } name ? $" ({name})" : "");

    private static string NoThread(TargetProcess process, string thread) =>
        $"{process.Label} has no thread '{thread}'; virtap stacks without one shows those that it has";

    private static MachineThreads? OfMachine(TargetProcess process) =>
        process is LiveProcess { ExecutableName: { } program } running && QemuPrograms.IsQemuName(program)
            ? MachineThreads.Of(running) : null;

    // What serves an iothread= is called after it only where QEMU was told to name its threads.
    private static bool Is(string? thread, int id, string name, MachineThreads? machine) => thread is null || thread == name
        || thread == id.ToString(CultureInfo.InvariantCulture) || thread == machine?.IoThreads.GetValueOrDefault(id);
}

/// <summary>What is asked for by --profile and what belongs to it.</summary>
internal sealed record ProfileRequest(double? Seconds, int Frequency, string? Folded, string? Svg, bool HasFrequency)
{
    private const int MaxFrequency = 10000;
    private const double MaxSeconds = 24 * 60 * 60;

    // So long nobody samples without saying what.
    private const double MostUnasked = 300;

    /// <param name="isTargetNamed">Whether the process was named too.</param>
    /// <exception cref="CommandException">It makes no sense.</exception>
    public void Check(bool isTargetNamed)
    {
        // Of who takes --profile for a switch, another process would be profiled, for hours.
        if (!isTargetNamed && Seconds is >= 1 and <= int.MaxValue and var number && LiveProcess.Find((int)number) is { Id: > 1 } meant
            && meant.Id == number && number > MostUnasked)
            throw new CommandException(Figures.Invariant(
                $"--profile wants seconds, and {number} is a process: virtap stacks {number} --profile 10"));
        if (Seconds is null && (Folded ?? Svg) is not null)
            throw new CommandException($"{(Folded is null ? "--svg" : "--folded")} is of a profile: say --profile SECONDS");
        if (Seconds is null && HasFrequency)
            throw new CommandException("--frequency is of a profile: say --profile SECONDS");
        if (Seconds is not null and not (> 0 and <= MaxSeconds))
            throw new CommandException("--profile wants seconds: more than 0, a day at most");
        if (Frequency is < 1 or > MaxFrequency)
            throw new CommandException(Figures.Invariant($"--frequency wants 1 to {MaxFrequency} samples a second"));
    }
}
