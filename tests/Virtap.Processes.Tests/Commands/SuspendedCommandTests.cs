using Virtap.Processes.Commands;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Commands;

public sealed class SuspendedCommandTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "output");

    [Fact]
    public void It_waits_until_it_is_released()
    {
        using var command = SuspendedCommand.Start($"touch {Output}");

        Assert.Null(command.Wait(TimeSpan.FromMilliseconds(200)));
        Assert.False(File.Exists(Output));
        command.Release();
        Assert.Equal(new CommandExit(0, 0), command.Wait(s_limit));
        Assert.True(File.Exists(Output));
    }

    [Fact]
    public void The_command_has_the_process_id_that_was_known_before()
    {
        using var command = SuspendedCommand.Start("sleep 1000");
        command.Release();

        // An exec gives the process its new name first, and its arguments a moment later.
        Assert.True(SpinWait.SpinUntil(() => LiveProcess.Find(command.ProcessId)!.CommandLine is ["sleep", "1000"], s_limit));
        Assert.Equal("sleep", LiveProcess.Find(command.ProcessId)!.Name);
        command.Signal(15);
        Assert.Equal(new CommandExit(0, 15), command.Wait(Timeout.InfiniteTimeSpan));
        Assert.Equal(new CommandExit(0, 15), command.Wait(TimeSpan.Zero));
    }

    [Theory]
    [InlineData("a 'b c' \"d'e\"", "a,b c,d'e,")]
    [InlineData("\"$VIRTAP_NOT_SET\" x", ",x,")]
    [InlineData("a; \"$0\" b", "a,b,")]
    [InlineData("'a;b' | cat", "a;b,")]
    public void Its_words_are_parsed_as_a_shell_does(string words, string expected)
    {
        string print = _folder.Write("print", $"#!/bin/sh\nprintf '%s,' \"$@\" >>{Output}\n");
        using var command = SuspendedCommand.Start(print + " " + words.Replace("\"$0\"", print, StringComparison.Ordinal));
        command.Release();

        Assert.Equal(0, command.Wait(s_limit)!.Value.Code);
        Assert.Equal(expected, File.ReadAllText(Output));
    }

    [Fact]
    public void An_assignment_before_the_command_is_for_its_environment()
    {
        using var command = SuspendedCommand.Start($"VALUE=5 sh -c 'test \"$VALUE\" = 5'");
        command.Release();

        Assert.Equal(new CommandExit(0, 0), command.Wait(s_limit));
    }

    [Theory]
    [InlineData("sh -c 'exit 7'")]
    [InlineData("(exit 7)")]
    public void Its_exit_status_is_told(string line)
    {
        using var command = SuspendedCommand.Start(line);
        command.Release();

        Assert.Equal(new CommandExit(7, 0), command.Wait(s_limit));
    }

    [Fact]
    public void A_command_that_is_not_there_ends_with_127()
    {
        using var command = SuspendedCommand.Start("/no/such/command 2>/dev/null");
        command.Release();

        Assert.Equal(new CommandExit(127, 0), command.Wait(s_limit));
    }

    [Fact]
    public void It_does_not_inherit_an_ignored_SIGPIPE_nor_the_gate()
    {
        using var command = SuspendedCommand.Start("sleep 1000");
        command.Release();
        Assert.True(SpinWait.SpinUntil(() => LiveProcess.Find(command.ProcessId)!.Name == "sleep", s_limit));

        string ignored = File.ReadLines($"/proc/{command.ProcessId}/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal));
        Assert.Equal(0, Convert.ToInt64(ignored[7..].Trim(), 16) >> 12 & 1);
        Assert.False(Path.Exists($"/proc/{command.ProcessId}/fd/9"));
        command.Signal(9);
        command.Wait(s_limit);
    }

    [Fact]
    public void One_that_was_never_released_is_gone_with_the_object()
    {
        var command = SuspendedCommand.Start($"touch {Output}");
        command.Dispose();

        Assert.Null(LiveProcess.Find(command.ProcessId));
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void One_that_was_released_outlives_the_object()
    {
        var command = SuspendedCommand.Start("sleep 1000");
        command.Release();
        command.Dispose();
        LiveProcess process = LiveProcess.Find(command.ProcessId)!;

        Assert.True(process.IsAlive);
        System.Diagnostics.Process.GetProcessById(process.Id).Kill();
    }

    public void Dispose() => _folder.Dispose();
}
