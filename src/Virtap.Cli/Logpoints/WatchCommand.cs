using System.CommandLine;
using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Commands;
using Virtap.Cli.Debug;
using Virtap.Cli.Print;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Cli.Words;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Language;
using Virtap.Processes;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Watch;
using Virtap.Watch.Counting;

namespace Virtap.Cli.Logpoints;

/// <summary><c>virtap watch</c>: logpoints, which print C expressions at a place without stopping there.</summary>
internal static class WatchCommand
{
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
        PrintOptions options = PrintCommand.OptionsOf(settings, format: null);
        using DebugTarget target = DebugTarget.Of(process, DebugFileSearch.OfSystem);
        (string place, string? condition) = Prompt.SplitCondition(where);
        CodeLocation location = Find(target, place);
        var scope = new TargetScope(target, FrameAt(location), new RecoveredQemu(target));
        var script = new LogpointScript(location, scope);
        string text;
        try
        {
            text = script.Write(expressions, condition, count);
        }
        catch (ExpressionException e)
        {
            ExpressionWords.Report(script.Current, e, target);
            return ExitStatus.Failure;
        }

        string name = location.Function?.FullName ?? place;
        string label = location.Line is { } line ? Figures.Invariant($"{name} {line.Name}:{line.Source.Line}") : name;
        var output = new LogpointOutput(script.Fields, label, new TargetScope(target), options, Tell);
        return Trace(id, text, output);
    }

    private static int Stop(int id, string where, string[] expressions, long? count)
    {
        if (count is not null)
            throw new CommandException("--count ends a stream; at a breakpoint (--stop) you go on yourself");
        List<string> words = [id.ToString(CultureInfo.InvariantCulture), "-ex", $"break {where}"];
        foreach (string expression in expressions)
            words.AddRange(["-ex", $"display {expression}"]);
        return DebugFront.Run([.. words, "-ex", "continue"]);
    }

    private static CodeLocation Find(DebugTarget target, string place)
    {
        try
        {
            return new LocationResolver(target, static _ => throw new CommandException("a place is FUNCTION or FILE:LINE"))
                .Find(place, null, null) is [var one] ? one : throw new CommandException($"{place} is at several places: name FILE:LINE");
        }
        catch (LocationException e)
        {
            throw new CommandException(e.Hint is { } hint ? $"{e.Message} hint: {hint}" : e.Message);
        }
    }

    private static Processes.Stacks.StackFrame FrameAt(CodeLocation location)
    {
        var registers = new Binaries.Code.RegisterValues(Binaries.HostArchitecture.Current);
        registers[registers.InstructionPointerNumber] = location.Address;
        return new Processes.Stacks.StackFrame(registers, IsReturnAddress: false, null);
    }

    private static int Trace(int id, string text, LogpointOutput output)
    {
        using var resolver = new ProbeResolver(new ProbeOptions { TargetProcess = id });
        try
        {
            CompiledScript compiled = OwnScript.Compile(new SourceText("logpoint", text), [], new LoweringOptions(), resolver);
            using LoadedScript loaded = new ScriptHost(new SessionOptions
            {
                Output = new OutputWriter(output.Take), Errors = StandardStreams.Error, Warn = SessionWarnings.Report, TargetProcess = id,
                PrintsUnreadGlobals = false,
            }).Load(compiled);
            using RunningScript running = loaded.Start();
            StandardStreams.Report("watching; Ctrl-C ends it");
            SessionResult result = running.RunToEnd();
            SessionEndWords.Write(result, StandardStreams.Error);
            return result.HasFailed ? ExitStatus.Failure : ExitStatus.Success;
        }
        catch (NoPrivilegeException)
        {
            throw new CommandException("a logpoint takes root, or CAP_BPF and CAP_PERFMON; virtap debug stops there without them");
        }
        catch (SessionException e)
        {
            throw new CommandException(e.Message);
        }
    }

    private static void Tell(string line)
    {
        StandardStreams.Output.Write(line + "\n");
        StandardStreams.Output.Flush();
    }
}
