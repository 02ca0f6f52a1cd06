using System.CommandLine;

namespace Virtap.Cli.Tests.Help;

public sealed class OverviewHelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void The_overview_has_a_line_for_each_command(string option)
    {
        RootCommand root = RootCommands.Create();

        var invocation = new InvocationConfiguration { Output = new StringWriter() };
        int status = root.Parse([option]).Invoke(invocation);

        Assert.Equal(0, status);
        string[] lines = invocation.Output.ToString()!.Split('\n');
        foreach (Command command in root.Subcommands)
            Assert.Single(lines, line => line.StartsWith($"  {command.Name} ", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public void The_help_of_run_has_room_on_a_terminal_of_80_columns() =>
        Assert.All(Cli.Run.RunHelp.Usage().Split('\n'), line => Assert.InRange(line.Length, 0, 80));

    [Fact]
    public void A_commands_own_help_has_its_options_and_examples()
    {
        var invocation = new InvocationConfiguration { Output = new StringWriter() };
        RootCommands.Create().Parse(["ls", "--help"]).Invoke(invocation);

        string help = invocation.Output.ToString()!;
        Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Assert.Contains("--long", help, StringComparison.Ordinal);
    }
}
