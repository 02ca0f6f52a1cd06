using System.CommandLine;
using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Catalog;
using Virtap.Cli.Commands;
using Virtap.Cli.Debug;
using Virtap.Cli.Debug.Prompts;
using Virtap.Cli.Options;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Cli.Words;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Targets;
using Virtap.Processes;
using Virtap.Processes.Stacks;
using Virtap.Tracing.Session;
using Virtap.Watch;
using Virtap.Watch.Logpoints;
using Virtap.Watch.Marks;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Logpoints;

/// <summary><c>virtap watch</c>: logpoints, which print C expressions at a place without stopping there.</summary>
internal static class WatchCommand
{
    private const int MaxPlaces = 5;

    public static Command Create()
    {
        var process = new Argument<string>("process") { Description = ProcessWord.Meaning };
        var place = new Option<string>("--break", "-b")
        {
            Description = "where: FUNCTION or FILE:LINE, as gdb's break takes them, perhaps with 'if CONDITION' behind", Required = true,
            HelpName = "place",
        };
        var expressions = new Option<string[]>("--print", "-p")
        {
            Description = "C expressions that are read there", HelpName = "expression", AllowMultipleArgumentsPerToken = true,
        };
        var count = new Option<long?>("--count", "-n") { Description = "end after so many hits", HelpName = "n" };
        var stop = new Option<bool>("--stop") { Description = "stop there, as a breakpoint does: virtap debug, with display" };
        var settings = new Option<string[]>("--set", "-s")
        {
            Description = "as gdb's set print: 'print pretty on', ...", HelpName = "setting",
        };
        var command = new Command("watch", """
            prints C expressions each time that a process passes a place, without stopping it

            The kernel reads them at the instant of the hit: variables, members, elements, * and &, arithmetic; structures are copied
            whole (up to 256 bytes) and printed as gdb prints them. Texts that pointers lead to are read when the line is printed. What
            was lost is told at the end. Needs debug information of the place, and root; Ctrl-C ends it.

            Examples:
              virtap watch 4711 -b virtio_notify_irqfd --print '*vq'
              virtap watch 4711 -b 'virtio_notify_irqfd if vq->inuse > 100' --print 'vq->inuse' 'vq->used_idx' --count 10
              virtap watch 4711 -b hw/virtio/virtio.c:2444 --print 'vdev->name' --stop
            """) { process, place, expressions, count, stop, settings };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(process), parsed.GetRequiredValue(place), parsed.GetValue(expressions) ?? [], parsed.GetValue(count),
            parsed.GetValue(stop), parsed.GetValue(settings) ?? []));
        return command;
    }

    private static int Run(string word, string where, string[] expressions, long? count, bool stops, string[] settings)
    {
        LiveProcess process = ProcessWord.Get(word);
        int id = process.Id;
        if (stops)
            return Stop(id, where, expressions, count);
        PrintOptions options = PrintSettings.Read(settings, format: null);
        using DebugTarget target = DebugTarget.Of(process, DebugFileSearch.OfSystem);
        (string place, string? condition) = ConditionClause.Split(where);
        CodeLocation location = Find(target, place);
        string name = location.Function?.FullName ?? place;
        string label = location.Line is { } line ? Figures.Invariant($"{name} {line.Name}:{line.Source.Line}") : name;
        var logpoint = new Logpoint(id, location, new TargetScope(target, StackFrame.At(location.Address), new RecoveredQemu(target)))
        {
            Expressions = [.. expressions.Select(static each => PrintSettings.SplitFormat(each).Expression)], Condition = condition,
            Count = count,
        };
        var text = new LogpointText(expressions, label, new TargetScope(target), options);
        try
        {
            using var watch = LogpointWatch.Start(logpoint, text.Write, StandardStreams.Error, SessionWarnings.Report);
            StandardStreams.Report("watching; Ctrl-C ends it");
            SessionResult result;
            using (SilentMarkWatch.Start(logpoint, name, SayNobodyComes))
                result = watch.RunToEnd();
            SessionEndWords.Write(result, StandardStreams.Error);
            if (!process.IsAlive)
                StandardStreams.Report(Figures.Invariant($"process {id} has ended"));
            return result.HasFailed ? ExitStatus.Failure : ExitStatus.Success;
        }
        catch (LogpointException e)
        {
            ExpressionWords.Report(e.Expression, e.Reason, target);
            return ExitStatus.Failure;
        }
        catch (NoPrivilegeException)
        {
            throw new CommandException("a logpoint takes root, or CAP_BPF and CAP_PERFMON; virtap debug stops there without them");
        }
    }

    private static void SayNobodyComes(SilentMark mark) => StandardStreams.ReportAside("warning: " + SessionWords.OfPlace(mark));

    private static int Stop(int id, string where, string[] expressions, long? count)
    {
        if (count is not null)
            throw new CommandException("--count ends a stream; at a breakpoint (--stop) you go on yourself");
        IEnumerable<string> commands = [$"break {where}", .. expressions.Select(static each => $"display {each}"), "continue"];
        return DebugCommand.Run(new DebugRequest(
            id.ToString(CultureInfo.InvariantCulture), [], null, [.. commands.Select(static each => new StartCommand(each, IsFile: false))],
            IsBatch: false));
    }

    private static CodeLocation Find(DebugTarget target, string place)
    {
        try
        {
            var resolver = new LocationResolver(target, static _ => throw new CommandException("a place is FUNCTION or FILE:LINE"));
            IReadOnlyList<CodeLocation> found = resolver.Find(place, null, null);
            return found is [var one] ? one : throw new CommandException(
                $"{place} is at {found.Count} places, of which one is to be named as FILE:LINE: "
                + string.Join(", ", found.Take(MaxPlaces).Select(Text)) + (found.Count > MaxPlaces ? ", ..." : ""));
        }
        catch (LocationException e)
        {
            throw new CommandException((OfMark(target, place) ?? e.Hint) is { } hint ? $"{e.Message} hint: {hint}" : e.Message);
        }
    }

    private static string Text(CodeLocation location) => location.Line is { } line
        ? Figures.Invariant($"{Path.GetFileName(line.Source.File)}:{line.Source.Line}")
        : Figures.Invariant($"0x{location.Address:x}, which no line is known of");

    // A mark's name is none of the code's, and its arguments are not expressions of a place.
    private static string? OfMark(DebugTarget target, string place) =>
        target.Process is { } process && new MarkCatalog(target.Program.File).Find(new MarkPattern(place)).Count > 0
            ? $"{place} is a mark, which scripts take: "
                + Figures.Invariant($"virtap run -e 'probe process({process.Id}).mark(\"{place}\") {{ println($$vars) }}'")
            : null;
}
