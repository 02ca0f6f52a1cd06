using Virtap.Bpf.Tests.Support;
using Virtap.Processes.Commands;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Tests.Backends.Ebpf;
using Virtap.Tracing.Tests.Lowering;
using Virtap.Tracing.Tests.Support;
using static Virtap.Tracing.Tests.Session.ScriptText;

namespace Virtap.Tracing.Tests.Session;

/// <summary>Scripts, from text to output, on real programs.</summary>
public class ScriptTextTests
{
    private static string Marked => $"process(\"{MarkedProgram.Path}\")";

    [Fact]
    public void A_script_without_probes_in_programs_needs_no_kernel()
    {
        Outcome outcome = Run("""
            global ticks
            probe begin { println("hello") }
            probe timer.ms(100) { if (++ticks == 3) exit() }
            probe end { printf("%d ticks\n", ticks) }
            """);
        Assert.Equal("hello\n3 ticks\n", outcome.Output);
        Assert.Equal("", outcome.Errors);
        Assert.False(outcome.Result.HasFailed);
    }

    [Fact]
    public void The_notes_script_counts_between_two_marks()
    {
        RealKernel.Require();
        Outcome outcome = Run(
            $$"""
            global count = 0
            probe {{Marked}}.mark("a__b") {
                if ($arg1 == $1) {
                    if (count > 120)
                        printf("%s, %d, vdev = %lx\n", probefunc(), count, $arg1)
                    count = 0
                }
            }
            probe {{Marked}}.provider("demo").mark("step") { if ($arg1 == 0) count = count + 1 }
            probe end { printf("count = %ld\n", count) }
            """,
            () =>
            {
                using MarkedProgram program = MarkedProgram.Start(128);
                program.Run();
            },
            arguments: "0x7");
        Assert.Equal("rare, 128, vdev = 7\ncount = 0\n", outcome.Output);
        Assert.Equal("", outcome.Errors);
    }

    [Fact]
    public void Arguments_of_functions_that_return_are_refused_with_their_place()
    {
        string script = $"probe {Marked}.function(\"rare\").return {{\n  println(int_arg(1)) }}";
        Language.Diagnostics.Diagnostic refusal = Assert.Single(Diagnose(script));
        Assert.Contains("no longer in their registers when it returns", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Span);
    }

    [Fact]
    public void Arguments_of_functions_are_read_without_debuginfo()
    {
        RealKernel.Require();
        using MarkedProgram program = MarkedProgram.Start(100);
        Outcome outcome = Run(
            $$"""
            global sum
            probe {{Marked}}.function("step") { sum += ulong_arg(2) }
            probe {{Marked}}.function("rare") { printf("%d %d %d\n", int_arg(1), uint_arg(1), pointer_arg(1) & 0xff) }
            probe {{Marked}}.function("rare") { try { ulong_arg(0) } catch (reason) { println(reason) } }
            probe end { try { pointer_arg(1) } catch (reason) { println(reason) } println(sum) }
            """,
            () => program.Run());
        Assert.Equal("", outcome.Errors);
        Assert.Equal(
            "7 7 7\ninvalid argument number 0\ncannot access CPU registers in this context\n4950\n",
            outcome.Output);
    }

    [Fact]
    public void Everything_that_a_mark_has_can_be_printed()
    {
        RealKernel.Require();
        using MarkedProgram program = MarkedProgram.Start(1);
        Outcome outcome = Run(
            $$"""
            probe process.provider("demo").mark("*") {
                printf("%s:%s %s %s %d %d\n", $$provider, $$name, $$vars, execname(), pid() == target(), tid() == pid())
            }
            probe process.provider("demo").mark("step") { printf("%s|%s|%s\n", pp(), ppfunc(), user_string($arg3)) }
            """,
            () => program.Run(),
            new ProbeOptions { TargetProcess = program.Id },
            o => o with { TargetProcess = program.Id });
        Assert.Equal("", outcome.Errors);
        string[] lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("demo:step $arg1=0x0 $arg2=0x0 $arg3=0x", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" marked 1 0", lines[0], StringComparison.Ordinal);
        Assert.Equal($"{Marked}.provider(\"demo\").mark(\"step\")|step|text", lines[1]);
        Assert.Equal("demo:a__b $arg1=0x7 $arg2=0x16 marked 1 1", lines[2]);
        Assert.Equal("demo:a__b $arg1=0x7 $arg2=0x8 marked 1 1", lines[3]);
    }

    [Theory]
    [InlineData("n++", "n")]
    [InlineData("n += 1; if ($arg2 < 0) printf(\"%d\\n\", $arg2)", "n")]
    [InlineData("by_thread[$arg1]++", "by_thread[0] + by_thread[1]")]
    [InlineData("by_name[execname(), $arg1] += 2", "(by_name[\"marked\", 0] + by_name[\"marked\", 1]) / 2")]
    public void Two_busy_threads_are_counted_exactly(string statement, string total)
    {
        RealKernel.Require();
        long calls = 0;
        Outcome outcome = Run(
            $$"""
            global n, by_thread, by_name
            probe {{Marked}}.provider("demo").mark("step") { {{statement}} }
            probe end { printf("%d\n", {{total}}) }
            """,
            () =>
            {
                using MarkedProgram program = MarkedProgram.Start(100_000, threads: 2);
                calls = program.Run().Calls;
            });
        Assert.Equal(200_000, calls);
        Assert.Equal(default, outcome.Result.Losses);
        Assert.Equal($"{calls}", outcome.Output.Split('\n')[0]);
    }

    [Fact]
    public void Globals_that_are_never_read_are_printed_at_the_end_unless_told_otherwise()
    {
        const string Script = """global n, a probe begin { n = 5; a["x", 1] = 2; exit() }""";
        Assert.Equal("n=5\na[\"x\",1]=2\n", Run(Script).Output);
        Assert.Equal("", Run(Script, with: o => o with { PrintsUnreadGlobals = false }).Output);
    }

    [Fact]
    public void An_error_names_its_place_and_runs_error_probes()
    {
        RealKernel.Require();
        Outcome outcome = Run(
            $$"""
            probe {{Marked}}.mark("a__b") { println(10 / ($arg1 - 7)) }
            probe end { println("end") }
            probe error { println("error") }
            """,
            () =>
            {
                using MarkedProgram program = MarkedProgram.Start(1);
                program.Run();
            });
        Assert.True(outcome.Result.HasFailed);
        Assert.Equal("error\n", outcome.Output);
        Assert.StartsWith("ERROR: division by 0 near operator '/' at t.stp:1:", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Optional_probes_may_be_missing_and_refused_ones_may_not()
    {
        Assert.Empty(Diagnose($"probe {Marked}.mark(\"nope\")?, begin {{ }}"));
        Assert.Contains(Diagnose($"probe {Marked}.mark(\"nope\") {{ }}"), d => d.Message.Contains("no match", StringComparison.Ordinal));
        Assert.Contains(
            Diagnose("probe kernel.function(\"x\")?, begin { }"), d => d.Message.Contains("not supported", StringComparison.Ordinal));
    }

    [Fact]
    public void A_command_is_traced_from_its_first_instruction_to_its_end()
    {
        RealKernel.Require();
        using SuspendedCommand command = SuspendedCommand.Start($"{MarkedProgram.Path} 700 2");
        Outcome outcome = Run(
            """
            global n
            probe process.begin { if (pid() == target()) printf("begin %s\n", execname()) }
            probe process.provider("demo").mark("step") { n++ }
            probe process.end { if (pid() == target()) println("end") }
            probe end { println(n) }
            """,
            probes: new ProbeOptions { Command = $"{MarkedProgram.Path} 700 2" },
            with: o => o with { Command = command, TargetProcess = command.ProcessId });
        Assert.Equal("begin marked\n1400\n", outcome.Output.Replace("end\n", "", StringComparison.Ordinal));
    }
}
