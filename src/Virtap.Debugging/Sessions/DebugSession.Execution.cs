using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Control;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using Virtap.Processes.Commands;
using Virtap.Processes.Control;

namespace Virtap.Debugging.Sessions;

/// <summary>Letting the process go on, until something is to be looked at.</summary>
public sealed partial class DebugSession
{
    /// <summary>Goes on.</summary>
    /// <exception cref="InferiorGoneException">The process is gone.</exception>
    public StopReport Continue() => Go(null);

    /// <summary>Goes on to the next line; into functions that are called, or not.</summary>
    public StopReport StepLine(bool into) => Go(StepPlan.OfLine(Top(), SpanOf(Top()), into));

    /// <summary>Runs one instruction; into functions that are called, or not.</summary>
    public StopReport StepInstruction(bool into) => Go(StepPlan.OfInstruction(Top(), into));

    /// <summary>Goes on to a line behind this one, not back in a loop.</summary>
    public StopReport UntilNext()
    {
        DebugFrame top = Top();
        LineSpan? span = SpanOf(top);
        if (span is not null && top.Function?.EntryAddress is ulong entry)
            span = span with { Start = entry + top.Image!.Bias };
        return Go(StepPlan.OfLine(top, span, into: false));
    }

    /// <summary>Goes on to a place, or until the function has returned.</summary>
    /// <exception cref="LocationException">There is no such place.</exception>
    public StopReport Advance(string location)
    {
        IReadOnlyList<CodeLocation> locations = Find(location);
        IReadOnlyList<DebugFrame> frames = Frames().Frames;
        var plan = new StepPlan(StepKind.Run) { Targets = [.. locations.Select(static each => each.Address)] };
        if (frames.FirstOrDefault(
            frame => frame.Level > FrameNumber && !frames[frame.Level - 1].IsInlined && !frame.Physical.IsTailCall) is { } caller)
            plan.Return = (caller.Address, Frame!.Cfa);
        return Go(plan);
    }

    /// <summary>Goes on until the function of the frame that is looked at has returned.</summary>
    /// <returns>Null where it has no caller.</returns>
    public StopReport? Finish()
    {
        IReadOnlyList<DebugFrame> frames = Frames().Frames;
        DebugFrame? outer = frames.Skip(FrameNumber + 1).FirstOrDefault(static each => !each.Physical.IsTailCall);
        if (Frame is not { } frame || outer is not { } caller)
            return null;
        if (frame.IsInlined)
            return Go(StepPlan.OutOf(frame));
        return Go(new StepPlan(StepKind.Finish) { Return = (caller.Address, frame.Cfa), Function = frame.Function });
    }

    private DebugFrame Top() => FramesOf(Thread ?? throw new InferiorGoneException(), 2).Frames[0];

    private LineSpan? SpanOf(DebugFrame frame) => SpanAt(frame.Address);

    private LineSpan? SpanAt(ulong address)
    {
        if (Target.ImageAt(address) is not { Debug: { } debug } image || debug.LineSpanAt(address - image.Bias) is not { } span)
            return null;
        return span with { Start = span.Start + image.Bias, End = span.End + image.Bias };
    }

    private StopReport Go(StepPlan? plan)
    {
        Inferior inferior = Inferior ?? throw new InferiorGoneException();
        TracedThread thread = Thread ?? throw new InferiorGoneException();
        DebugFrame? before = plan is null ? null : FramesOf(thread, 1).Frames[0];
        int hidden = _hidden;
        if (plan is { Kind: StepKind.Line, Into: true } && hidden > 0)
        {
            // Into a function that is inlined right here: nothing has to run.
            _hidden = hidden - 1;
            Forget();
            SelectFrame(0);
            return new StopReport(StopReason.Stepped, thread);
        }

        Inferior.StartFromHere(thread);
        var run = new RunState(inferior, thread, plan);
        StopReport report;
        try
        {
            run.Begin(HasWatch);
            report = Drive(run, inferior);
        }
        finally
        {
            run.Clear();
        }

        return Settle(report, before);
    }

    private static StopReport? Ended(InferiorNews news) => news switch
    {
        ExitNews exit => new StopReport(StopReason.Exited, null) { Number = exit.Status },
        KilledNews killed => new StopReport(StopReason.Killed, null) { Number = killed.Signal },
        _ => null,
    };

    private bool HasWatch => _breakpoints.Exists(static each => each is { IsWatch: true, IsEnabled: true });

    private StopReport Drive(RunState run, Inferior inferior)
    {
        while (true)
        {
            InferiorNews news = inferior.Next();
            StopReport? report = news switch
            {
                BreakpointNews hit => OnBreakpoint(run, hit),
                StepNews step => OnStep(run, step.Who),
                SignalNews signal => OnSignal(run, signal),
                ExitNews or KilledNews => Ended(news),
                InterruptedNews => new StopReport(StopReason.Interrupted, Thread is { } selected && inferior.Threads.Contains(selected)
                    ? selected : inferior.Threads is [var first, ..] ? first : null),
                ExecutedNews executed => OnExecuted(executed),
                _ => null,
            };
            if (report is not null)
                return report;
            if (news is ThreadBornNews { Thread: { } born })
            {
                Noticed(news);
                if (HasWatch)
                    run.GoOn(born, HasWatch);
            }
            else if (news is ForkNews or ThreadEndedNews or ExecutedNews)
            {
                Noticed(news);
                if (news is ExecutedNews { Thread: { } only })
                    run.GoOn(only, HasWatch);
                if (news is ThreadEndedNews { Thread: var ended } && ended == run.Thread)
                    run.Plan = null;
            }
        }
    }

    private StopReport? OnBreakpoint(RunState run, BreakpointNews hit)
    {
        TracedThread thread = hit.Who;
        if (hit.Address == _loader)
            Loaded();
        (Breakpoint? user, string? error) = Hit(thread, hit.Address);
        if (user is not null)
            return new StopReport(StopReason.Breakpoint, thread) { Breakpoint = user, ConditionError = error };
        if (run.Plan is { } plan && thread == run.Thread)
        {
            bool isBack = plan.Return is var (address, cfa) && hit.Address == address && thread.Registers.StackPointer >= cfa;
            if (isBack || plan.Targets.Contains(hit.Address))
            {
                if (plan.Kind == StepKind.Finish)
                    return new StopReport(StopReason.Finished, thread)
                    {
                        Returned = ReturnValue.Read(thread, plan.Function, Target.Memory),
                    };
                if (plan.Kind == StepKind.Run)
                    return new StopReport(StopReason.Stepped, thread);
                run.Clear();
                plan.Targets = [];
                return OnStep(run, thread);
            }
        }

        run.GoOn(thread, HasWatch);
        return null;
    }

    private StopReport? OnSignal(RunState run, SignalNews news)
    {
        SignalHandling handling = HandlingOf(news.Signal);
        if (!handling.Pass)
            Inferior.Withhold(news.Who);
        if (handling.Stop)
            return new StopReport(StopReason.Signal, news.Who) { Number = news.Signal };
        if (handling.Print)
            Noticed(news);

        // A step that a handler comes between goes on behind it: by a breakpoint where the thread stands.
        if (run.Plan is not null && news.Who == run.Thread && handling.Pass && run.Plan.IsStepping)
            run.Await(news.Who.Address, news.Who.Registers.StackPointer);
        run.GoOn(news.Who, HasWatch);
        return null;
    }

    private StopReport? OnExecuted(ExecutedNews news)
    {
        _inserted.Clear();
        _loader = null;
        Replace(Inferior!);
        Thread = news.Who;
        Loaded();
        return null;
    }

    private StopReport? OnStep(RunState run, TracedThread thread)
    {
        if (HasWatch && CheckWatches(thread) is { } change)
            return change;
        if (run.Plan is not { } plan || thread != run.Thread)
        {
            run.GoOn(thread, HasWatch);
            return null;
        }

        ulong address = thread.Address;
        if (plan.Contains(address))
        {
            run.GoOn(thread, HasWatch);
            return null;
        }

        StopReport? end = Judge(run, plan, thread, address);
        if (end is null)
        {
            run.GoOn(thread, HasWatch);
            return null;
        }

        // A breakpoint that stands where the step ends counts as hit.
        (Breakpoint? user, string? error) = Inferior!.HasBreakpoint(address) ? Hit(thread, address) : (null, null);
        return user is null ? end : new StopReport(StopReason.Breakpoint, thread) { Breakpoint = user, ConditionError = error };
    }

    /// <summary>What a thread has come to that has left the code that it was to step through.</summary>
    /// <returns>Null where it is to go on.</returns>
    private StopReport? Judge(RunState run, StepPlan plan, TracedThread thread, ulong address)
    {
        var done = new StopReport(StopReason.Stepped, thread);
        IReadOnlyList<DebugFrame> frames = FramesOf(thread, 3).Frames;
        DebugFrame top = frames[0];
        DebugFrame? caller = frames.FirstOrDefault(frame => frame.Physical != top.Physical);
        bool isCalled = caller is not null && caller.Cfa == plan.Cfa && top.Cfa != plan.Cfa && plan.Cfa != 0;
        if (isCalled && (!plan.Into || plan.Kind == StepKind.Line))
        {
            LineSpan? line = plan.Into ? SpanAt(address) : null;
            if (line is not null && top.Function is { } function)
            {
                ulong body = (function.Outer.BreakAddress ?? 0) + (top.Image?.Bias ?? 0);
                if (body <= address || plan.Kind == StepKind.Instruction)
                    return done;
                plan.Entered = true;
                run.AwaitTarget(body);
                return null;
            }

            if (plan.Into && Callee(address) is ulong callee)
                run.AwaitTarget(callee);
            run.Await(caller!.Address, top.Cfa);
            return null;
        }

        if (plan.Kind == StepKind.Instruction || plan.Entered)
            return done;
        if (plan.Kind == StepKind.OutOfInline)
            return top.Cfa == plan.Cfa && plan.Function!.Ranges.Any(range => range.Contains(top.LookUp)) ? null : done;
        if (SpanAt(address) is not { } span)
            return done;
        bool isSame = top.Cfa == plan.Cfa;

        // Into what is inlined here a step over calls does not look.
        if (isSame && !plan.Into && top.InlineDepth > plan.InlineDepth)
            return null;
        bool isOtherLine = span.Source != plan.Line || !isSame;
        if (isOtherLine && span.Start == address && span.IsStatement)
            return done;

        // In the midst of another line, or where no statement begins, it is still on its way from the line that it has left.
        if (!isOtherLine || !isSame)
            plan.Refresh(top, span);
        return null;
    }

    /// <summary>Behind an entry of a procedure linkage table: the function of another file, if it has lines.</summary>
    private ulong? Callee(ulong address)
    {
        string? name = FramesOf(Thread, 1).Frames[0].Symbol;
        if (name?.EndsWith("@plt", StringComparison.Ordinal) != true)
            return null;
        try
        {
            return Find(name[..^4]) is [{ Line: not null } location, ..] ? location.Address : null;
        }
        catch (LocationException)
        {
            return null;
        }
    }

    private StopReport? CheckWatches(TracedThread thread)
    {
        foreach (Breakpoint watch in _breakpoints.Where(static each => each is { IsWatch: true, IsEnabled: true }).ToList())
        {
            if (watch.Cfa != 0 && thread.Number == (Thread?.Number ?? 0) && thread.Registers.StackPointer >= watch.Cfa)
            {
                _breakpoints.Remove(watch);
                return new StopReport(StopReason.WatchScopeLeft, thread) { Breakpoint = watch };
            }

            if (Changed(watch, thread) is not var (old, now))
                continue;
            if (watch.Condition is { } condition && !Holds(condition, thread, out _))
                continue;
            watch.Hits++;
            if (watch.IgnoreCount > 0)
            {
                watch.IgnoreCount--;
                continue;
            }

            return new StopReport(StopReason.Watchpoint, thread) { Breakpoint = watch, Change = (old, now) };
        }

        return null;
    }

    private (string Old, string New)? Changed(Breakpoint watch, TracedThread thread)
    {
        if (watch.Last is not var (old, text))
            return null;
        try
        {
            // What lies at an address stays there; what was computed is computed anew.
            Value now = old.Address is ulong address ? Value.At(old.Type, Target.Memory, address)
                : new Evaluation.Evaluator(ScopeOf(FramesOf(thread, 1).Frames[0]), [])
                    .Evaluate(ExpressionParser.Parse(watch.Text, Expressions.Scope));
            if (now.Bytes.SequenceEqual(old.Bytes))
                return null;
            string printed = Expressions.Text(now, Options);
            watch.Last = (now, printed);
            return (text, printed);
        }
        catch (ValueException)
        {
            return null;
        }
    }

    /// <summary>All threads are stopped, and what is looked at is the one that is meant.</summary>
    private StopReport Settle(StopReport report, DebugFrame? before)
    {
        int process = Inferior!.Process.Id;
        if (report.Reason is StopReason.Exited or StopReason.Killed)
        {
            End();
            return report with { EndedProcess = process };
        }

        Inferior.StopAll();
        if (!Inferior.IsAlive || report.Thread is not { } thread)
        {
            End();
            return new StopReport(StopReason.Killed, null) { Number = ProcessSignal.Kill, EndedProcess = process };
        }

        TracedThread? selected = Thread;
        Forget();
        if (report.Reason is StopReason.Stepped or StopReason.Breakpoint or StopReason.Watchpoint)
            Inferior.StartFromHere(thread);
        Select(thread);
        _hidden = HiddenAt(report);
        _frames = null;
        SelectFrame(0);
        if (report.Breakpoint is { IsTemporary: true } temporary)
            _breakpoints.Remove(temporary);
        InsertBreakpoints();
        DebugFrame? top = Frame;
        return report with
        {
            IsOtherThread = selected is not null && selected != thread,
            IsSameFrame = report.Reason == StopReason.Stepped && before is not null && top is not null && top.Cfa == before.Cfa
                && top.Function?.FullName == before.Function?.FullName && selected == thread,
        };
    }

    /// <summary>Functions that are inlined right where a thread stands have not been entered yet, unless a breakpoint means them.</summary>
    private int HiddenAt(StopReport report)
    {
        DebugFrame? top = FramesOf(report.Thread, 1).Frames is [var first, ..] ? first : null;
        if (top?.Image?.Debug is not { } debug || report.Reason == StopReason.Watchpoint)
            return 0;
        IReadOnlyList<DebugFunction> functions = debug.FunctionsAt(top.LookUp);
        int hidden = functions.TakeWhile(function => function.IsInlined && function.BeginsAt(top.LookUp)).Count();
        bool isMeant = report.Breakpoint?.Locations.Any(
            each => each.Address == top.Address && each.Function is { IsInlined: true } && !each.Function.Name.Contains(':')
                && report.Breakpoint.Text.EndsWith(each.Function.Name, StringComparison.Ordinal)) ?? false;
        return isMeant ? 0 : hidden;
    }
}
