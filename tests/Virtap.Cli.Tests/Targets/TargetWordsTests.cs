using Virtap.Cli.Commands;
using Virtap.Cli.Targets;

namespace Virtap.Cli.Tests.Targets;

public class TargetWordsTests
{
    [Theory]
    [InlineData("", null, null)]
    [InlineData("4711", 4711, null)]
    [InlineData("disk0", null, "disk0")]
    [InlineData("vdev:disk0", null, "disk0")]
    [InlineData("4711 vdev:disk0", 4711, "disk0")]
    [InlineData("vdev:4711/disk0", null, "4711/disk0")]
    public void A_number_is_a_process_and_anything_else_a_device(string line, int? pid, string? device)
    {
        TargetWords words = TargetWords.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((pid, device), (words.ProcessId, words.Device));
    }

    [Fact]
    public void What_a_command_takes_behind_the_device_is_left_to_it() =>
        Assert.Equal(["1"], TargetWords.Parse(["disk0", "1"], rest: 1).Rest);

    [Fact]
    public void A_word_too_many_is_named() =>
        Assert.StartsWith(
            "'extra' is too much", Assert.Throws<CommandException>(() => TargetWords.Parse(["4711", "disk0", "extra"])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Of_so_many_words_that_the_first_is_a_machine_it_is_the_one_that_is_wrong() =>
        Assert.StartsWith(
            "'wbe01' is no process id", Assert.Throws<CommandException>(() => TargetWords.Parse(["wbe01", "disk0"])).Message,
            StringComparison.Ordinal);
}
