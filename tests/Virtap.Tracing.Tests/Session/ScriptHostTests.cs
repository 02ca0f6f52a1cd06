using System.Diagnostics;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Tests.Support;
using Virtap.Language.Binding.Targets;
using Virtap.Processes.Commands;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Tracing.Tests.Probes;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

public sealed class ScriptHostTests : IDisposable
{
    private readonly HandMade _script = new();

    private static string Step => $"process(\"{MarkedProgram.Path}\").provider(\"demo\").mark(\"step\")";

    private static LoweredIf WhenAtLeast(int global, long value, LoweredStatement then) =>
        new LoweredIf(
            new LongBinary(LongOperator.GreaterOrEqual, new LongAt(HandMade.Global(global)), new LongConstant(value)), then, null);

    public void Dispose() => _script.Dispose();

    [Fact]
    public void Begin_and_end_probes_run_in_the_order_of_their_numbers_and_then_of_the_script()
    {
        _script.On("end", _script.Print("end 0"));
        _script.On("begin", _script.Print("begin 0, first"));
        _script.On("begin(-5)", _script.Print("begin -5"));
        _script.On("begin(9223372036854775807)", _script.Print("begin last"), new RequestExit());
        _script.On("begin", _script.Print("begin 0, second"));
        _script.On("end(-1)", _script.Print("end -1"));
        _script.On("error", _script.Print("error"));
        _script.On("never", _script.Print("never"));
        SessionResult result = _script.Run();
        Assert.False(result.HasFailed);
        Assert.Equal("begin -5\nbegin 0, first\nbegin 0, second\nbegin last\nend -1\nend 0\n", _script.Output);
        Assert.Equal("", _script.Errors);
    }

    [Fact]
    public void Handlers_know_which_of_their_targets_was_hit()
    {
        List<ProbeTarget> targets = [
            .. _script.Resolver.Resolve(Point.Of("begin(1)")).Targets, .. _script.Resolver.Resolve(Point.Of("begin(-1)")).Targets];
        _script.On(targets, _script.PrintPoint(targets));
        _script.On("begin(2)", new RequestExit());
        _script.Run();
        Assert.Equal("begin(-1)\nbegin(1)\n", _script.Output);
    }

    [Fact]
    public void Timers_fire_until_one_of_them_ends_the_session()
    {
        _script.On("timer.ms(2)", HandMade.Add(0), WhenAtLeast(0, 5, new RequestExit()));
        _script.On("timer.us(500).randomize(300)", HandMade.Add(1));
        _script.On("timer.s(3600)", HandMade.Add(2));
        _script.On(
            "end", _script.Print("{0} hits", 0), _script.Print("{0} of the long one", 2),
            WhenAtLeast(1, 5, _script.Print("more of the short one")));
        long start = Stopwatch.GetTimestamp();
        SessionResult result = _script.Run();
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(10));
        Assert.Equal("5 hits\n0 of the long one\nmore of the short one\n", _script.Output);
        // A busy machine has no processor for each half of a millisecond; what that costs is counted.
        Assert.Equal(default, result.Losses with { MissedTicks = 0 });
    }

    [Fact]
    public void Ticks_that_were_due_while_nothing_could_take_them_are_counted_and_the_beat_is_kept()
    {
        // The first tick takes two whole intervals and more: the two that were due meanwhile are missed, the next comes in time.
        _script.On("timer.ms(50)", HandMade.Add(0), WhenAtLeast(0, 2, new RequestExit()), _script.Print("{0}", 0));
        int writes = 0;
        var slow = new OutputWriter(_ => Thread.Sleep(writes++ == 0 ? 125 : 0));
        SessionResult result = _script.Run(with: options => options with { Output = slow });
        Assert.InRange(result.Losses.MissedTicks, 1, 10);
    }

    [Fact]
    public void An_error_in_begin_ends_the_session_with_its_error_probes()
    {
        _script.On("begin", _script.Print("before"), HandMade.Fail(), _script.Print("behind"));
        _script.On("begin", _script.Print("second"));
        _script.On("end", _script.Print("end"));
        _script.On("error", _script.Print("error"));
        SessionResult result = _script.Run();
        Assert.True(result.HasFailed);
        Assert.Equal("before\nerror\n", _script.Output);
        Assert.Equal(
            "ERROR: division by 0 near operator '/' at t.stp:1:1\nWARNING: Number of errors: 1, skipped probes: 0\n", _script.Errors);
    }

    [Fact]
    public void After_exit_no_begin_probe_runs_any_more()
    {
        _script.On("begin", new RequestExit(), _script.Print("first"));
        _script.On("begin", _script.Print("second"));
        _script.On("end", _script.Print("end"));
        Assert.False(_script.Run().HasFailed);
        Assert.Equal("first\nend\n", _script.Output);
    }

    [Fact]
    public void An_error_in_an_end_probe_leaves_the_rest_to_the_error_probes()
    {
        _script.On("begin", new RequestExit());
        _script.On("end", _script.Print("first"), HandMade.Fail());
        _script.On("end", _script.Print("second"));
        _script.On("error", _script.Print("error"));
        Assert.True(_script.Run().HasFailed);
        Assert.Equal("first\nerror\n", _script.Output);
    }

    [Fact]
    public void Times_of_handlers_here_and_in_targets_are_reported()
    {
        RealKernel.Require();
        _script.On("begin", HandMade.Add(0));
        _script.On(Step, HandMade.Add(0), WhenAtLeast(0, 100, new RequestExit()));
        using MarkedProgram program = MarkedProgram.Start(1000);
        SessionResult result = _script.Run(() => program.Run(), o => o with { ReportsTiming = true });
        Assert.False(result.HasFailed);
        string[] lines = _script.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("----- probe hit report: ", lines[0]);
        Assert.StartsWith("begin, hits: 1, time: ", lines[1], StringComparison.Ordinal);
        Assert.Contains(".mark(\"step\"), hits: ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_ends_after_its_time()
    {
        _script.On("end", _script.Print("end"));
        long start = Stopwatch.GetTimestamp();
        _script.Run(with: o => o with { TimeLimit = TimeSpan.FromMilliseconds(30) });
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(30));
        Assert.Equal("end\n", _script.Output);
    }

    [Fact]
    public void A_session_ends_when_nobody_reads_its_output()
    {
        _script.On("timer.ms(1)", _script.Print("tick"));
        SessionResult result = _script.Run(with: o => o with { Output = new OutputWriter(_ => throw new IOException("nobody reads")) });
        Assert.False(result.HasFailed);
    }

    [Theory]
    [InlineData(UprobeAttachment.Multi, true)]
    [InlineData(UprobeAttachment.Multi, false)]
    [InlineData(UprobeAttachment.PerfEvent, true)]
    public void Hits_of_two_threads_are_counted_exactly_or_told_as_skipped(UprobeAttachment attachment, bool underLock)
    {
        RealKernel.Require();
        LoweredStatement[] body = underLock
            ? [new AcquireLock(), HandMade.Add(0)] : [new AtomicAdd(HandMade.Global(0), new LongConstant(1))];
        _script.On(Step, body);
        _script.On("end", _script.Print("{0}", 0));
        using MarkedProgram program = MarkedProgram.Start(100_000, threads: 2);
        (long calls, int semaphore) = (0, 0);
        SessionResult result = _script.Run(
            () => (calls, semaphore) = program.Run(), o => o with { MaxSkipped = long.MaxValue },
            new EbpfOptions { Attachment = attachment });
        Assert.Equal(1, semaphore);
        Assert.Equal(calls - result.Losses.Skipped, long.Parse(_script.Output));
        if (attachment == UprobeAttachment.Multi)
            Assert.Equal(default, result.Losses);
    }

    [Fact]
    public void Timers_that_read_what_probes_write_cost_no_hit_but_those_told()
    {
        RealKernel.Require();
        _script.On(Step, new AcquireLock(), HandMade.Add(0));
        _script.On("timer.us(200)", new AcquireLock(), HandMade.Add(1), _script.Print("{0}", 0));
        _script.On("end", _script.Print("{0}", 0));
        using MarkedProgram program = MarkedProgram.Start(200_000, threads: 2);
        long calls = 0;
        SessionResult result = _script.Run(() => calls = program.Run().Calls, o => o with { MaxSkipped = long.MaxValue });
        string[] lines = _script.Output.TrimEnd().Split('\n');
        // While the timer holds the lock its code may just be compiled, which takes longer than a probe waits; ahead-of-time code does not
        // have that.
        Assert.Equal(calls - result.Losses.SkippedByLock, long.Parse(lines[^1]));
        Assert.Equal(lines.Select(long.Parse).Order(), lines.Select(long.Parse));
    }

    [Fact]
    public async Task Output_of_probes_comes_whole_and_an_exit_in_one_ends_the_session()
    {
        RealKernel.Require();
        LongExpression n = TargetReads.Of(
            ((MachineSource)((MarkTarget)_script.Resolver.Resolve(Point.Of(Step)).Targets[0]).Find("arg2").Source!).Value, 0);
        _script.On(Step,
            _script.Print("step {0}", n),
            new LoweredIf(
                new LongBinary(LongOperator.Equal, n, new LongConstant(9)), new LoweredBlock([new RequestExit(), _script.Print("last")]),
                null));
        _script.On("end", _script.Print("end"));
        CompiledScript script = _script.Compile();
        Assert.Single(script.Programs);
        using LoadedScript loaded = _script.Host().Load(script);
        using RunningScript session = loaded.Start();
        Assert.Equal((1, 1), (session.Sites, session.Links));
        Assert.IsType<KernelUse>(Assert.Single(loaded.Uses));
        using MarkedProgram program = MarkedProgram.Start(1000);
        Task running = Task.Run(program.Run, TestContext.Current.CancellationToken);
        SessionResult result = session.RunToEnd();
        await running;
        Assert.False(result.HasFailed);
        Assert.Equal(string.Concat(Enumerable.Range(0, 10).Select(i => $"step {i}\n")) + "last\nend\n", _script.Output);
    }

    [Fact]
    public void An_error_in_a_probe_ends_the_session_but_not_the_program()
    {
        RealKernel.Require();
        _script.On(Step, HandMade.Fail());
        _script.On("error", _script.Print("error"));
        _script.On("end", _script.Print("end"));
        using MarkedProgram program = MarkedProgram.Start(10);
        SessionResult result = _script.Run(() => Assert.Equal(10, program.Run().Calls));
        Assert.True(result.HasFailed);
        Assert.Equal("error\n", _script.Output);
        Assert.StartsWith("ERROR: division by 0 near operator '/' at t.stp:1:1\n", _script.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_errors_as_MAXERRORS_are_borne()
    {
        RealKernel.Require();
        _script.On(Step, HandMade.Fail());
        _script.On("end", _script.Print("end"));
        using MarkedProgram program = MarkedProgram.Start(10);
        SessionResult result = _script.Run(() => program.Run(), o => o with { MaxErrors = 10 });
        Assert.False(result.HasFailed);
        Assert.Equal(10, result.Losses.Errors);
        Assert.Equal("end\n", _script.Output);
        Assert.EndsWith("WARNING: Number of errors: 10, skipped probes: 0\n", _script.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UprobeAttachment.Multi)]
    [InlineData(UprobeAttachment.PerfEvent)]
    public void A_probe_of_one_process_does_not_fire_in_another(UprobeAttachment attachment)
    {
        RealKernel.Require();
        using MarkedProgram meant = MarkedProgram.Start(1000, threads: 2), other = MarkedProgram.Start(500);
        _script.On($"process({meant.Id}).provider(\"demo\").mark(\"step\")", new AtomicAdd(HandMade.Global(0), new LongConstant(1)));
        _script.On("end", _script.Print("{0}", 0));
        SessionResult result = _script.Run(
            () =>
            {
                meant.Run();
                other.Run();
            },
            ebpf: new EbpfOptions { Attachment = attachment });
        Assert.Equal(2000, long.Parse(_script.Output) + result.Losses.Skipped);
    }

    [Fact]
    public void A_probe_of_a_path_fires_in_processes_that_start_later()
    {
        RealKernel.Require();
        _script.On(Step, new AtomicAdd(HandMade.Global(0), new LongConstant(1)));
        _script.On("end", _script.Print("{0}", 0));
        _script.Run(() =>
        {
            using MarkedProgram first = MarkedProgram.Start(1000), second = MarkedProgram.Start(500);
            first.Run();
            second.Run();
        });
        Assert.Equal("1500\n", _script.Output);
    }

    [Fact]
    public void Functions_are_probed_at_entry_and_at_return()
    {
        RealKernel.Require();
        _script.On($"process(\"{MarkedProgram.Path}\").function(\"step\")", new AtomicAdd(HandMade.Global(0), new LongConstant(1)));
        _script.On($"process(\"{MarkedProgram.Path}\").function(\"step\").return", new AtomicAdd(HandMade.Global(1), new LongConstant(1)));
        _script.On("end", _script.Print("{0} calls", 0), _script.Print("{0} returns", 1));
        using MarkedProgram program = MarkedProgram.Start(1000);
        _script.Run(() => program.Run());
        Assert.Equal("1000 calls\n1000 returns\n", _script.Output);
    }

    [Fact]
    public void The_sites_of_one_handler_are_told_apart()
    {
        RealKernel.Require();
        IReadOnlyList<ProbeTarget> targets =
        [
            .. _script.Resolver.Resolve(Point.Of($"process(\"{MarkedProgram.Path}\").function(\"rare\")")).Targets,
            .. _script.Resolver.Resolve(Point.Of($"process(\"{MarkedProgram.Path}\").provider(\"other\").mark(\"*\")")).Targets,
        ];
        _script.On(targets, _script.PrintPoint(targets));
        using MarkedProgram program = MarkedProgram.Start(1);
        _script.Run(() => program.Run());
        Assert.Equal(string.Concat(targets.Select(t => t.Point + "\n")), _script.Output);
    }

    [Fact]
    public void A_place_that_cannot_be_probed_is_told_and_the_others_are()
    {
        RealKernel.Require();
        var good = (MarkTarget)_script.Resolver.Resolve(Point.Of(Step)).Targets[0];
        var bad = new FunctionTarget(good.Binary, "process(\"x\").function(\"nowhere\")", "nowhere", 0x7000000, 0x7000000, false, null);
        _script.On([bad, good, bad], new AtomicAdd(HandMade.Global(0), new LongConstant(1)));
        _script.On("end", _script.Print("{0}", 0));
        using MarkedProgram program = MarkedProgram.Start(10);
        var warnings = new List<SessionWarning>();
        _script.Run(() => program.Run(), with: options => options with { Warn = warnings.Add });
        Assert.Equal("10\n", _script.Output);
        Assert.Equal(2, warnings.Count);
        Assert.All(warnings, warning => Assert.StartsWith(
            "probe process(\"x\").function(\"nowhere\") registration error [man warning::pass5] (rc -22)",
            Assert.IsType<SiteWasRefused>(warning).Failure.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_session_none_of_whose_places_can_be_probed_is_refused()
    {
        RealKernel.Require();
        var good = (MarkTarget)_script.Resolver.Resolve(Point.Of(Step)).Targets[0];
        _script.On(
            [new FunctionTarget(good.Binary, "process(\"x\").function(\"nowhere\")", "nowhere", 0x7000000, 0x7000000, false, null)],
            HandMade.Add(0));
        SessionException refusal = Assert.Throws<SessionException>(() => _script.Run());
        Assert.Contains("nowhere", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_runs_when_the_probes_are_in_place_and_its_end_ends_the_session()
    {
        RealKernel.Require();
        _script.On(Step, new AtomicAdd(HandMade.Global(0), new LongConstant(1)));
        _script.On("end", _script.Print("{0}", 0));
        using SuspendedCommand command = SuspendedCommand.Start($"{MarkedProgram.Path} 700 2 </dev/null >/dev/null");
        SessionResult result = _script.Run(with: o => o with { Command = command, TargetProcess = command.ProcessId });
        Assert.Equal("1400\n", _script.Output);
        Assert.Equal(new CommandExit(3, 0), result.Command);
        Assert.Equal("WARNING: Child process exited with status 3\n", _script.Errors);
    }

    [Fact]
    public void Too_many_skipped_probes_end_the_session()
    {
        RealKernel.Require();
        // The lock is taken and never given back.
        _script.On("begin", new StoreLong(new GlobalSlot(Virtap.Tracing.Memory.SessionCells.Lock), new LongConstant(1)));
        _script.On(Step, new AcquireLock(), HandMade.Add(0));
        _script.On("error", _script.Print("error"));
        using MarkedProgram program = MarkedProgram.Start(50);
        var warnings = new List<SessionWarning>();
        SessionResult result = _script.Run(
            () => program.Run(), o => o with { MaxSkipped = 20, Warn = warnings.Add }, new EbpfOptions { LockTries = 10 });
        Assert.True(result.HasFailed);
        Assert.True(result.Losses.SkippedByLock > 20);
        Assert.True(Assert.IsType<TooManyWereSkipped>(Assert.Single(warnings)).EndsSession);
    }
}
