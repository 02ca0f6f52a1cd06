using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>Probes with conditions that this process's handlers turn are in their targets while these hold, and only then.</summary>
public sealed class ConditionTests
{
    private static string Step => $"process(\"{MarkedProgram.Path}\").provider(\"demo\").mark(\"step\")";

    [Theory]
    [InlineData("on", 0, "0")]
    [InlineData("!on", 1, "1000")]
    [InlineData("on == 0 && wanted[\"step\"]", 0, "0")]
    public void A_target_is_probed_while_the_condition_holds(string condition, int semaphore, string hits)
    {
        RealKernel.Require();
        using MarkedProgram program = MarkedProgram.Start(1000);
        (long Calls, int Semaphore) run = default;
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""
            global on, hits, wanted
            probe timer.s(3600) { on = 1; wanted["step"] = 1 }
            probe {{Step}} if ({{condition}}) { hits++ }
            probe end { println(hits) }
            """,
            () => run = program.Run());
        // The mark's semaphore counts who has put a probe there.
        Assert.Equal((1000, semaphore), run);
        Assert.Equal(hits + "\n", outcome.Output);
    }

    [Fact]
    public void A_probe_comes_and_goes_with_its_condition_and_no_hit_counts_twice()
    {
        RealKernel.Require();
        int comings = 0;
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""
            global on, turns, last, twice
            probe timer.ms(5) { on = !on; turns++ }
            probe {{Step}} if (on) { if ([pid()] in last && $arg2 <= last[pid()]) twice++; last[pid()] = $arg2 }
            probe end { println(turns > 5, twice) }
            """,
            () =>
            {
                // The mark's semaphore says whether the probe is there, however long the session takes to turn it.
                for (int before = 0, turn = 0; comings < 6 && turn < 5000; turn++)
                {
                    using MarkedProgram program = MarkedProgram.Start(20_000);
                    (_, int now) = program.Run();
                    comings += now == before ? 0 : 1;
                    before = now;
                }
            });
        Assert.Equal(6, comings);
        Assert.Equal("10\n", outcome.Output);
        Assert.False(outcome.Result.HasFailed);
    }
}
