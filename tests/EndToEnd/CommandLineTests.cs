using System.Diagnostics;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>What <c>virtap</c> says to a command line that it does not understand.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("error: Unrecognized command or argument 'wy'\nhint: did you mean virtap why?\n", "wy")]
    [InlineData("error: Unrecognized command or argument 'nosuch'\nhint: virtap --help lists the commands\n", "nosuch")]
    [InlineData("error: 'x' is no number, which --interval takes\nhint: virtap vq --help tells what it takes\n", "vq", "--interval", "x")]
    [InlineData(
        "error: 'x' is no number, which --seconds takes\nhint: virtap latency --help tells what it takes\n", "latency", "disk0", "-T",
        "x")]
    [InlineData(
        "error: 'abc' is no process id, and no virtual machine that runs is called so; virtap ls shows those that do\n", "ls", "abc")]
    [InlineData("error: 'wbe01' is no process id, and no virtual machine that runs is called so; virtap ls shows those that do\n",
        "why", "wbe01", "disk0")]
    [InlineData("error: /etc/passwd: not an ELF file\n", "marks", "/etc/passwd")]
    [InlineData("error: there is no file /nonexistent/core to be seen\n", "ls", "--core", "/nonexistent/core")]
    [InlineData("error: /etc is a folder, not a file\n", "explain", "/etc")]
    [InlineData("error: the name of a file is missing: it is empty\n", "why", "--core", "")]
    [InlineData("error: there is no option '--foo' here\nhint: virtap ls --help tells what it takes\n", "ls", "--foo")]
    [InlineData("error: there is no option '--intervall' here\n", "vq", "--intervall", "3")]
    [InlineData("error: there is no option '--lon' here\nhint: did you mean --long?\n", "ls", "--lon")]
    [InlineData("error: there is no option '--second' here\nhint: did you mean --seconds?\n", "latency", "disk0", "q1", "--second", "1")]
    [InlineData("error: Unrecognized command or argument 'nosuch'\nhint: virtap --help lists the commands\n", "help", "nosuch")]
    [InlineData("error: there is no process 99999999\n", "vq", "99999999")]
    public async Task A_mistake_is_told_in_a_line_or_two(string said, params string[] arguments)
    {
        await Requirements.InspectingAsync();

        var result = await VirtapProcess.RunAsync(arguments);

        Assert.Equal((1, "", said), (result.Status, result.Output, result.Error));
    }

    [Fact]
    public async Task A_process_in_the_place_of_seconds_is_not_profiled_for_hours()
    {
        await Requirements.InspectingAsync();
        using Process process = Command.Start("/bin/sleep", ["60"]);
        Assert.SkipUnless(process.Id > 300, "process ids are not told from seconds here");

        var result = await VirtapProcess.RunAsync("stacks", "--profile", $"{process.Id}");

        Assert.Equal(
            (1, $"error: --profile wants seconds, and {process.Id} is a process: virtap stacks {process.Id} --profile 10\n"),
            (result.Status, result.Error));
        process.Kill();
    }

    [Fact]
    public async Task A_program_in_the_place_of_a_script_is_called_one()
    {
        await Requirements.InspectingAsync();

        var result = await VirtapProcess.RunAsync("run", "/bin/sh");

        Assert.Equal(1, result.Status);
        Assert.StartsWith("Input file '/bin/sh' is a program, not a script", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("run")]
    [InlineData("debug")]
    [InlineData("")]
    public async Task Help_of_a_command_can_be_asked_for_as_a_command(string command)
    {
        await Requirements.InspectingAsync();
        string[] words = command.Length > 0 ? [command] : [];

        var (asked, help) = (await VirtapProcess.RunAsync(["help", .. words]), await VirtapProcess.RunAsync([.. words, "--help"]));

        Assert.Equal((0, help.Output, ""), (asked.Status, asked.Output, asked.Error));
        Assert.NotEmpty(help.Output);
    }

    [Fact]
    public async Task A_file_that_lies_here_and_is_no_program_has_marks_too()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        var folder = Directory.CreateTempSubdirectory("virtap-marks-").FullName;
        try
        {
            File.Copy(await BusyProgram.ExecutableAsync(), Path.Combine(folder, "copied.elf"));
            File.SetUnixFileMode(Path.Combine(folder, "copied.elf"), UnixFileMode.UserRead);

            var result = await Command.RunAsync("/bin/sh", ["-c", $"cd {folder}; {VirtapProcess.Binary} marks copied.elf"]);

            Assert.Equal((0, ""), (result.Status, result.Error));
            Assert.Contains("step", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Without_any_word_it_says_what_it_is()
    {
        await Requirements.InspectingAsync();

        var (bare, help) = (await VirtapProcess.RunAsync(), await VirtapProcess.RunAsync("--help"));

        Assert.Equal(help.Output, bare.Output);
        Assert.Equal((1, 0), (bare.Status, help.Status));
    }
}
