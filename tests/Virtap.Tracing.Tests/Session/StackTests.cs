using System.Text.RegularExpressions;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>The calls that led to a probe.</summary>
public sealed partial class StackTests
{
    [Fact]
    public void Two_busy_threads_print_their_calls_without_frame_pointers()
    {
        RealKernel.Require();
        const int times = 100;
        using StackProgram program = StackProgram.Start(times);
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""
            probe process("{{StackProgram.PathOf(false)}}").function("leaf") { print_ubacktrace_brief() }
            """,
            program.Run);

        Assert.Equal("", outcome.Errors);
        string[][] stacks = [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static frame => frame.Split('+')[0]).ToArray())];
        Assert.Equal((2 * times) + 1, stacks.Length);
        Assert.Equal(times, stacks.Count(static stack => stack is ["leaf", "left", "by_left", ..]));
        Assert.Equal(times, stacks.Count(static stack => stack is ["leaf", "right", "right", "right", "by_right", ..]));
        // Through a function of the C library, to the program's beginning.
        string[] last = Assert.Single(stacks, static stack => stack is ["leaf", "compare", ..]);
        Assert.Contains("main", last[3..]);
        Assert.Equal("_start", last[^1]);
    }

    [Fact]
    public void Lines_are_as_SystemTap_prints_them()
    {
        RealKernel.Require();
        using StackProgram program = StackProgram.Start(1);
        string path = StackProgram.PathOf(false);
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""
            probe process("{{path}}").function("left") { print_ubacktrace() }
            probe end { print_ubacktrace() }
            """,
            program.Run);

        string[] lines = outcome.Output.Split('\n');
        Assert.Matches($@"^ 0x[0-9a-f]+ : left\+0x[0-9a-f]+/0x[0-9a-f]+ \[{Regex.Escape(path)}\]$", lines[0]);
        Assert.Matches($@"^ 0x[0-9a-f]+ : by_left\+0x[0-9a-f]+/0x[0-9a-f]+ \[{Regex.Escape(path)}\]$", lines[1]);
        Assert.Matches(@"^ 0x[0-9a-f]+( : [^ ]+\+0x[0-9a-f]+/0x[0-9a-f]+)? \[/.*libc.*\]$", lines[2]);
        Assert.Equal(["<no user backtrace at end>", ""], lines[^2..]);
    }

    [Fact]
    public void A_handler_keeps_the_calls_as_text_where_there_are_frame_pointers()
    {
        RealKernel.Require();
        using StackProgram program = StackProgram.Start(20, keepsFramePointers: true);
        string path = StackProgram.PathOf(true);
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""
            global calls, texts
            probe process("{{path}}").function("leaf").return {
                calls[ucallers(2)] <<< 1
                texts[sprint_ubacktrace()] <<< ustack(0) == uaddr()
            }
            probe process("{{path}}").function("left") { if (!shown++) print_regs() }
            global shown
            probe end { foreach (c- in calls) printf("%d\n", @count(calls[c])); foreach (t- in texts) print(t) }
            """,
            program.Run);

        Assert.Equal("", outcome.Errors);
        string[] lines = outcome.Output.Split('\n');
        Assert.Matches("^RIP: [0-9a-f]{16}$", lines[0]);
        Assert.Matches("^RAX: [0-9a-f]{16} RBX: [0-9a-f]{16} RCX: [0-9a-f]{16}$", lines[2]);
        Assert.Equal(["20", "20", "1"], lines[7..10]);
        string names = string.Join(' ', Name().Matches(outcome.Output).Select(static match => match.Groups[1].Value));
        Assert.Contains("left by_left", names, StringComparison.Ordinal);
        Assert.Contains("right right by_right", names, StringComparison.Ordinal);
    }

    [GeneratedRegex(@" : ([a-z_]+)\+0x")]
    private static partial Regex Name();
}
