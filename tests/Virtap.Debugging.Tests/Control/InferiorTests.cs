using Microsoft.Win32.SafeHandles;
using Virtap.Processes;
using Virtap.Processes.Control;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Tests.Control;

/// <summary>
/// What a program must outlive that is stopped and stepped: it goes on as if nobody had been there. Whoever traces takes the news of all
/// processes that this one has made, so nothing runs beside it.
/// </summary>
[Collection(nameof(InferiorTests))]
public sealed class InferiorTests
{
    /// <summary>A test that hangs has failed; ptrace takes one thread.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    [Fact]
    public void A_breakpoint_at_a_system_call_that_waits_holds_nobody_up() => Run(static program =>
    {
        using Inferior inferior = Inferior.Attach(program.Live, ledger: null);
        ulong call = program.AddressOf("read_byte_call");
        Assert.True(inferior.Insert(call));
        inferior.ResumeAll();
        program.Give('b');
        BreakpointNews hit = TracedProgram.GoOnUntil<BreakpointNews>(inferior);
        Assert.Equal(call, hit.Address);

        // The thread goes into the kernel and waits there; whoever wants the process to stop is heard.
        inferior.ResumeAll();
        inferior.Interrupt();
        Assert.IsType<InterruptedNews>(inferior.Next());
        inferior.StopAll();
        inferior.Detach();
        Assert.Equal("b 0 0", program.Answer());
        program.AssertAnswers();
    });

    [Fact]
    public void A_place_that_another_tracer_has_is_left_to_it() => Run(static program =>
    {
        ulong call = program.AddressOf("read_byte_call");
        byte[] original = new byte[TrapInstruction.Bytes.Length];
        using SafeFileHandle memory = ProcessCode.Open(program.Id);
        Assert.Equal(original.Length, RandomAccess.Read(memory, original, (long)call));

        // As the kernel does for an eBPF tracer, beside all tracers by ptrace.
        Assert.True(ProcessCode.Write(memory, call, TrapInstruction.Bytes));
        using Inferior inferior = Inferior.Attach(program.Live, ledger: null);
        Assert.True(inferior.IsTaken(call));
        Assert.False(inferior.Insert(call));

        // It ends, and then this one: what it had put there does not come back.
        Assert.True(ProcessCode.Write(memory, call, original));
        Assert.False(inferior.IsTaken(call));
        inferior.Detach();
        program.AssertAnswers();
    });

    [Fact]
    public void A_step_that_ends_behind_a_system_call_is_no_breakpoint() => Run(static program =>
    {
        using Inferior inferior = Inferior.Attach(program.Live, ledger: null);
        ulong call = program.AddressOf("read_byte_call");
        Assert.True(inferior.Insert(call));
        inferior.ResumeAll();
        program.Give('b');
        TracedThread thread = TracedProgram.GoOnUntil<BreakpointNews>(inferior).Who;
        inferior.Remove(call);
        inferior.Step(thread);
        var live = new LiveThread(program.Id, thread.Id);
        while (live.SleepsInSystemCall == false)
            Thread.Sleep(1);

        // Stopped in the midst of its step and told to go on: the step's end still comes.
        inferior.StopAll();
        Assert.True(inferior.Insert(call));
        inferior.ResumeAll();
        Assert.Equal(call, TracedProgram.GoOnUntil<BreakpointNews>(inferior).Address);
        inferior.Detach();
        Assert.Equal("b 0 0", program.Answer());
        program.AssertAnswers();
    });

    [Fact]
    public void A_step_into_a_signals_handler_is_a_step() => Run(static program =>
    {
        using Inferior inferior = Inferior.Attach(program.Live, ledger: null);
        inferior.ResumeAll();
        program.Signal("USR1");
        SignalNews signal = Assert.IsType<SignalNews>(inferior.Next());
        inferior.Step(signal.Who);
        StepNews step = Assert.IsType<StepNews>(inferior.Next());
        Assert.Equal(program.AddressOf("on_signal"), step.Who.Address);

        // And one that is let go there gets no signal of it.
        inferior.Detach();
        program.AssertAnswers();
    });

    [Fact]
    public void Children_that_share_the_memory_meet_no_breakpoint_while_any_of_them_runs() => Run(static program =>
    {
        using Inferior inferior = Inferior.Attach(program.Live, ledger: null);
        Assert.True(inferior.Insert(program.AddressOf("work")));
        inferior.ResumeAll();
        Task<string?> answer = program.AnswerAsync();
        _ = answer.ContinueWith(_ => inferior.Interrupt(), TaskScheduler.Default);
        program.Give('v');
        TracedProgram.GoOnUntil<InterruptedNews>(inferior);
        Assert.Equal("v 0 0", answer.Result);
        inferior.StopAll();
        inferior.Detach();
        program.AssertAnswers();
    });

    [Fact]
    public void Memory_that_a_process_has_no_more_takes_nothing() => Run(static program =>
    {
        ulong address = program.AddressOf("work");
        using SafeFileHandle before = ProcessCode.Open(program.Id);
        program.Give('x');
        Assert.Equal("ready", program.Answer());
        Assert.False(ProcessCode.Write(before, address, [0xcc]));
        program.AssertAnswers();
    });

    private static void Run(Action<TracedProgram> test)
    {
        using var program = new TracedProgram();
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test(program);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(s_longest), "it hangs");
        if (failure is not null)
            throw new InvalidOperationException(failure.Message, failure);
    }
}

/// <summary>Keeps <see cref="InferiorTests"/> to themselves.</summary>
[CollectionDefinition(nameof(InferiorTests), DisableParallelization = true)]
public sealed class InferiorCollection;
