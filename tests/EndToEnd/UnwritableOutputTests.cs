using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Output that cannot be written is an error of every command, told once; that somebody has read enough is none.</summary>
public class UnwritableOutputTests
{
    private const string Full = "error: standard output cannot be written: No space left on device\n";
    private const string Closed = "error: standard output cannot be written: Bad file descriptor\n";

    /// <summary>Command lines that print something on any machine, and end by themselves.</summary>
    public static TheoryData<string> Printing =>
    [
        "--help", "run --help", "why --help", "completion bash", "doctor", "doctor --json", "marks $EXE", "marks $EXE --json",
        "coalescing --show-script", "stacks $$", "stacks $$ --json", "print $EXE 1+1", "print $EXE --json 1+1", "types $EXE int",
        "types $EXE int --json",
        "explain examples/gdb-display-vq.txt", "explain --json examples/gdb-display-vq.txt",
        "run --dump-functions", "run --dump-probe-types", "run --dump-probe-aliases", "run -l 'process(\"$EXE\").mark(\"*\")'",
        "run -L 'process(\"$EXE\").mark(\"*\")'",
        "run -p1 -e 'probe begin { println(1) }'", "run -p2 -e 'probe begin { println(1) }'",
        "run -p3 -e 'probe process(\"$EXE\").mark(\"step\") { println(1) }'",
        "run -e 'probe begin { println(1); exit() }'", "run -e 'probe end { println(1) } probe begin { exit() }'",
        "run -e 'global n probe begin { n = 1; exit() }'", "run -t -e 'probe begin { exit() }'",
    ];

    [Theory]
    [MemberData(nameof(Printing))]
    public async Task A_full_disk_is_told_and_the_status_is_1(string line)
    {
        CommandResult result = await ShellAsync(line, ">/dev/full");

        Assert.Equal((1, Full), (result.Status, result.Error));
    }

    [Theory]
    [MemberData(nameof(Printing))]
    public async Task So_is_a_standard_output_that_was_closed(string line)
    {
        CommandResult result = await ShellAsync(line, ">&-");

        Assert.Equal((1, Closed), (result.Status, result.Error));
    }

    [Theory]
    [MemberData(nameof(Printing))]
    public async Task A_reader_who_has_seen_enough_ends_it_quietly(string line)
    {
        // The reader is gone before the first byte comes.
        CommandResult result = await ShellAsync(
            line, "2>&1 >\"$pipe\"", before: "pipe=$(mktemp -u); mkfifo \"$pipe\"; true <\"$pipe\" &", after: "rm -f \"$pipe\"");

        Assert.Equal((0, "", ""), (result.Status, result.Output, result.Error));
    }

    [Fact]
    public async Task A_file_on_a_full_disk_holds_what_fitted_and_the_session_ends_with_the_error()
    {
        await Requirements.InspectingAsync();
        string folder = Directory.CreateTempSubdirectory("virtap-full.").FullName;
        await Command.RunAsync("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "none", folder]);
        try
        {
            CommandResult result = await VirtapProcess.RunAsync(
                "run", "-o", folder + "/out", "-e", "probe timer.ms(100) { for (i = 0; i < 20; i++) printf(\"%4000d\\n\", 1) }");

            Assert.Equal((1, $"error: file '{folder}/out' cannot be written: No space left on device\n"), (result.Status, result.Error));
            Assert.Equal(65536, new FileInfo(folder + "/out").Length);
        }
        finally
        {
            await Command.RunAsync("/bin/umount", [folder]);
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_made_is_named_and_no_pass_is_blamed()
    {
        CommandResult result = await VirtapProcess.RunAsync("run", "-o", "/nonexistent/x", "-e", "probe begin { exit() }");

        Assert.Equal(
            (1, "", "error: file '/nonexistent/x' cannot be written: No such file or directory\n"),
            (result.Status, result.Output, result.Error));
    }

    private static async Task<CommandResult> ShellAsync(string line, string redirection, string before = "", string after = "")
    {
        await Requirements.AttachingAsync();
        line = line.Replace("$EXE", await BusyProgram.ExecutableAsync(), StringComparison.Ordinal);
        return await Command.RunAsync(
            "/bin/sh", ["-c", $"{before}\n{VirtapProcess.Binary} {line} {redirection}\nstatus=$?\n{after}\nexit $status"]);
    }
}
