using Virtap.Processes.Commands;
using Virtap.Processes.Tests.Support;
using Virtap.Processes.Tracees;

namespace Virtap.Processes.Tests.Commands;

public sealed class CommandStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "output");

    [Theory]
    [InlineData("/usr/bin/touch OUTPUT")]
    [InlineData("exec /usr/bin/touch OUTPUT >/dev/null")]
    [InlineData("touch 'OUTPUT'")]
    public void A_command_stands_where_its_program_begins(string line)
    {
        using var command = SuspendedCommand.Start(line.Replace("OUTPUT", Output, StringComparison.Ordinal));
        string? program = null;
        bool hasRun = true;
        Assert.True(CommandStart.Release(command, () =>
        {
            program = LiveProcess.Find(command.ProcessId)?.ExecutableName;
            hasRun = File.Exists(Output);
        }));
        Assert.Equal(new CommandExit(0, 0), command.Wait(Timeout.InfiniteTimeSpan));
        Assert.Equal("/usr/bin/touch", program);
        Assert.False(hasRun);
        Assert.True(File.Exists(Output));
    }

    [Theory]
    [InlineData("touch OUTPUT; true")]
    [InlineData("touch OUTPUT | cat")]
    [InlineData("/nowhere/touch OUTPUT")]
    public void One_that_becomes_no_program_does_not_run(string line)
    {
        using var command = SuspendedCommand.Start(line.Replace("OUTPUT", Output, StringComparison.Ordinal));
        Assert.False(CommandStart.Release(command, () => Assert.Fail("no program begins")));
        Assert.NotEqual(new CommandExit(0, 0), command.Wait(Timeout.InfiniteTimeSpan));
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void Where_what_is_done_then_fails_the_command_does_not_run()
    {
        using var command = SuspendedCommand.Start($"/usr/bin/touch {Output}");
        Assert.Throws<InvalidOperationException>(() => CommandStart.Release(command, () => throw new InvalidOperationException()));
        Assert.Equal(new CommandExit(0, 9), command.Wait(Timeout.InfiniteTimeSpan));
        Assert.False(File.Exists(Output));
    }

    public void Dispose() => _folder.Dispose();
}
