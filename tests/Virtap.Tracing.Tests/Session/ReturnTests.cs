using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>What is known where a function returns.</summary>
public sealed class ReturnTests
{
    [Fact]
    public void A_function_known_by_its_symbol_returns_a_number()
    {
        string output = Run("""
            probe process("PROGRAM").function("eight").return { printf("%d %d %s\n", $return, returnval(), $$return) }
            probe process("PROGRAM").function("negative").return { printf("%d %s\n", returnval() << 32 >> 32, returnstr(1)) }
            probe process("PROGRAM").function("text").return { printf("%s %d\n", user_string($return), is_return()) }
            probe process("PROGRAM").function("text") { printf("%s %d\n", user_string(pointer_arg(1)), is_return()) }
            """, n: 1);
        Assert.Equal("-5 4294967291\n32 32 return=0x20\nxyz 0\nyz 1\n", output);
    }

    [Fact]
    public void Arguments_come_from_registers_and_from_the_stack()
    {
        string output = Run("""
            probe process("PROGRAM").function("eight") {
                printf("%d %d %u %d %d %d\n", int_arg(1), int_arg(2), uint_arg(2), long_arg(6), long_arg(7), longlong_arg(8))
                printf("%d %d %d %d\n", register("edi"), register("esi"), u_register("esi"), register("rdx"))
                printf("%d %d\n", @uregister(5), probing_32bit_app())
            }
            """, n: 1);
        Assert.Equal("1 -2 4294967294 6 7 8\n1 -2 4294967294 3\n1 0\n", output);
    }

    [Fact]
    public void An_unknown_register_is_an_error_of_the_handler()
    {
        ScriptText.Outcome outcome = Outcome("""probe process("PROGRAM").function("eight") { print(register("zmm0")) }""", n: 1);
        Assert.Contains("unknown register: zmm0", outcome.Errors, StringComparison.Ordinal);
        outcome = ScriptText.Run("""probe begin { print(register("rax")) exit() }""");
        Assert.Contains("cannot access register 'rax' in this context", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_value_is_the_one_of_the_call_that_returns()
    {
        // Each thread has calls of its own under way, many of them with the same argument.
        string output = Run("""
            global calls, wrong, sum
            probe process("PROGRAM").function("fib").return {
                calls++
                i = @entry(long_arg(1))
                sum += i < 2 ? $return : 0
                if (i < 2 ? $return != i : i < 5 && $return != i - 1 && i != 4 || i == 4 && $return != 3)
                    wrong++
            }
            probe end { printf("%d calls, %d wrong, %d\n", calls, wrong, sum) }
            """, n: 15, threads: 3);
        // fib(15) takes 1973 calls and comes to 610, in three threads and in main.
        Assert.Equal("7892 calls, 0 wrong, 2440\n", output);
    }

    [Fact]
    public void Entry_values_are_numbers_and_strings_of_any_expression()
    {
        string output = Run("""
            function twice:string(n:long) { return sprintf("%d", 2 * n) }
            probe process("PROGRAM").function("text").return {
                println(@entry(user_string(pointer_arg(1))), " ", user_string($return), " ", @entry(twice(strlen("abc"))))
                println(@entry(gettimeofday_us()) <= gettimeofday_us(), @entry(tid()) == tid())
            }
            """, n: 1);
        Assert.Equal("xyz yz 6\n11\n", output);
    }

    [Fact]
    public void Returns_that_the_kernel_does_not_catch_are_counted()
    {
        ScriptText.Outcome outcome = Outcome("""
            global caught, wrong
            probe process("PROGRAM").function("deep").return { caught++; if (@entry(long_arg(1)) != $return) wrong++ }
            probe end { println(caught, " ", wrong) }
            """, n: 1);
        Assert.Equal("64 0\n", outcome.Output);
        Assert.Equal(36, outcome.Result.Losses.MissedReturns);
        Assert.Equal(
            "WARNING: Number of errors: 0, skipped probes: 36\n"
                + "WARNING: Skipped as the kernel catches 64 returns of a thread's nested calls at most: 36\n", outcome.Errors);
    }

    [Theory]
    [InlineData("if (!@entry(tid())) n++", 1)]
    [InlineData("n += !@entry(tid()) && !@entry(pid()) && @entry(execname()) == \"\"", 1)]
    [InlineData("n = 1; if (pid() == 1) println(@entry(tid()))", 0)]
    public void A_return_whose_call_began_before_the_session_has_no_entry_value_and_is_counted_where_it_is_asked_for(string body, int lost)
    {
        RealKernel.Require();
        using CalledProgram program = CalledProgram.Start(n: 1, threads: 0);
        // It waits in read(2).
        while (File.ReadAllText($"/proc/{program.Id}/stat").Split(')')[^1].Split(' ')[1] != "S")
            Thread.Sleep(1);
        ScriptText.Outcome outcome = ScriptText.Run(
            "global n probe process(" + program.Id + """
            ).syscall.return { BODY } probe end { println(n) }
            """.Replace("BODY", body, StringComparison.Ordinal), () => program.Run());
        Assert.Equal("1\n", outcome.Output);
        Assert.Equal(lost, outcome.Result.Losses.LostEntries);
        Assert.Equal(lost > 0, outcome.Errors.Contains("so that @entry was 0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_whose_library_changes_stacks_is_not_harmed_and_a_call_is_known_in_another_thread()
    {
        RealKernel.Require();
        using HoppingProgram untraced = HoppingProgram.Start();
        (string, int) alone = untraced.Run();
        using HoppingProgram program = HoppingProgram.Start();
        (string, int) traced = default;
        ScriptText.Outcome outcome = ScriptText.Run($$"""
            global n, wrong = 0, hops = 0
            probe process("{{HoppingProgram.Path}}").function("work").return {
                n++
                if ($return != @entry(long_arg(1)) + 1) wrong++
                if (@entry(tid()) != tid()) hops++
            }
            probe process("{{HoppingProgram.Path}}").function("next").return { if ($return != @entry($i) + 1) wrong++ }
            probe end { println(n, " ", wrong, " ", hops) }
            """, () => traced = program.Run());
        Assert.Equal(alone, traced);
        Assert.Equal($"{HoppingProgram.Returns} 0 {HoppingProgram.Returns}\n", outcome.Output);
        Assert.Equal("", outcome.Errors);
    }

    [Fact]
    public void A_program_that_is_killed_while_its_returns_are_caught_by_the_kernel_takes_nothing_with_it()
    {
        RealKernel.Require();
        using CalledProgram program = CalledProgram.Start(n: 50, threads: 2);
        AssertOutlives(program, CalledProgram.Path, "fib", "if (@entry(long_arg(1)) < 0) wrong++");
    }

    [Fact]
    public void Nor_does_one_whose_returns_are_caught_at_their_instructions()
    {
        RealKernel.Require();
        using HoppingProgram program = HoppingProgram.Start(threads: 1_000_000);
        AssertOutlives(program, HoppingProgram.Path, "work", "if ($return != @entry(long_arg(1)) + 1) wrong++");
    }

    private static void AssertOutlives(CompiledProgram program, string path, string function, string body)
    {
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""
            global n, wrong = 0
            probe process("{{path}}").function("{{function}}").return { n++; {{body}} }
            probe end { println(n > 0, " ", wrong) }
            """, program.RunUntilKilled);
        Assert.Equal("1 0\n", outcome.Output);
        Assert.Equal("", outcome.Errors);
    }

    [Theory]
    [InlineData("work", 998)]
    [InlineData("enter", 1000)]
    [InlineData("leaf", 1000)]
    [InlineData("jumped", 2000)]
    public void Returns_on_other_stacks_come_to_the_right_caller(string function, int returns)
    {
        RealKernel.Require();
        using SwitchingProgram untraced = SwitchingProgram.Start();
        (string, int) alone = untraced.Run();
        using SwitchingProgram program = SwitchingProgram.Start();
        (string, int) traced = default;
        ScriptText.Outcome outcome = ScriptText.Run($$"""
            global n, wrong = 0
            probe process("{{SwitchingProgram.Path}}").function("{{function}}").return {
                n++
                if ("{{function}}" == "work" && $return != @entry(long_arg(1)) + 1) wrong++
            }
            probe end { println(n, " ", wrong) }
            """, () => traced = program.Run());
        Assert.Equal(alone, traced);
        Assert.Equal($"{returns} 0\n", outcome.Output);
        Assert.Equal("", outcome.Errors);
    }

    [Fact]
    public void Of_many_functions_those_that_can_be_probed_without_harm_are()
    {
        RealKernel.Require();
        using SwitchingProgram untraced = SwitchingProgram.Start();
        (string, int) alone = untraced.Run();
        using SwitchingProgram program = SwitchingProgram.Start();
        (string, int) traced = default;
        string script = $$"""
            global n
            probe process("{{SwitchingProgram.Path}}").function("[elw]*").return { n[probefunc()]++ }
            probe end { println(n["work"], " ", n["enter"], " ", n["leaf"], " ", n["tail"]) }
            """;
        ScriptText.Outcome outcome = ScriptText.Run(script, () => traced = program.Run());
        Assert.Equal(alone, traced);
        Assert.Equal("998 1000 1000 0\n", outcome.Output);
        Assert.Equal("", outcome.Errors);
        string warning = Assert.Single(ScriptText.Diagnose(script.Replace("[elw]*", "[eltw]*", StringComparison.Ordinal))).Message;
        Assert.Contains("cannot be probed without harm", warning, StringComparison.Ordinal);
        Assert.Contains("the return of tail ", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Returns_of_a_library_come_to_the_right_caller_on_other_stacks()
    {
        RealKernel.Require();
        using SwitchingProgram untraced = SwitchingProgram.StartWithLibrary();
        (string, int) alone = untraced.Run();
        using SwitchingProgram program = SwitchingProgram.StartWithLibrary();
        (string, int) traced = default;
        ScriptText.Outcome outcome = ScriptText.Run($$"""
            global n
            probe process("{{SwitchingProgram.Library}}").function("c*l").return { n[probefunc()]++ }
            probe end { println(n["call"]) }
            """, () => traced = program.Run());
        Assert.Equal(alone, traced);
        Assert.Equal("998\n", outcome.Output);
    }

    [Fact]
    public void The_kernel_catches_returns_of_a_library_only_where_no_program_that_runs_would_be_harmed()
    {
        string script = $$"""probe process("{{SwitchingProgram.Library}}").function("tail").return { exit() }""";
        Assert.Empty(ScriptText.Diagnose(script));
        using SwitchingProgram program = SwitchingProgram.StartWithLibrary();
        Assert.Contains(
            $"process {program.Id} (switching), which has loaded {SwitchingProgram.Library}, changes stacks",
            Assert.Single(ScriptText.Diagnose(script)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("function(\"tail\")", "the return of tail cannot be probed without harm")]
    [InlineData("function(\"jumps\")", "it cannot be caught at return instructions: a jump leads to another function")]
    [InlineData("plt(\"rand\")", "the return of rand cannot be probed without harm")]
    public void A_return_that_would_break_a_program_is_refused(string place, string problem)
    {
        string script = $$"""probe process("{{SwitchingProgram.Path}}").{{place}}.return { exit() }""";
        Assert.Contains(problem, Assert.Single(ScriptText.Diagnose(script)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_value_outside_of_a_return_is_refused()
    {
        string message = Assert.Single(ScriptText.Diagnose("probe begin { println(@entry(1)) }")).Message;
        Assert.Equal("internal error: @entry is only valid in .return probes", message);
    }

    private static string Run(string text, long n, int threads = 0)
    {
        ScriptText.Outcome outcome = Outcome(text, n, threads);
        Assert.Equal("", outcome.Errors);
        return outcome.Output;
    }

    private static ScriptText.Outcome Outcome(string text, long n, int threads = 0)
    {
        RealKernel.Require();
        using CalledProgram program = CalledProgram.Start(n, threads);
        return ScriptText.Run(text.Replace("PROGRAM", CalledProgram.Path, StringComparison.Ordinal), () => program.Run());
    }
}
