using System.Globalization;

namespace Virtap.EndToEnd;

/// <summary>-F with -o: a session in the background.</summary>
public sealed class FlightRecorderTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-recorder").FullName;

    private string Record => Path.Combine(_folder, "record");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_caller_ends_when_the_probes_are_in_place_and_the_recorder_by_a_signal()
    {
        CommandResult caller = await VirtapProcess.RunAsync(
            "run", "-F", "-o", Record, "-e", "probe begin { println(\"begun\") warn(\"a word\") } probe end { println(\"ended\") }");
        Assert.Equal((0, ""), (caller.Status, caller.Error));
        int recorder = int.Parse(caller.Output, CultureInfo.InvariantCulture);
        Assert.Equal("begun\nWARNING: a word\n", await RecordWith("word\n"));
        // It is a session of its own, without a terminal.
        string[] words = (await File.ReadAllTextAsync($"/proc/{recorder}/stat", TestContext.Current.CancellationToken)).Split(' ');
        Assert.Equal($"{recorder}", words[5]);
        Assert.Equal("/dev/null", new FileInfo($"/proc/{recorder}/fd/1").LinkTarget);
        string errors = File.Exists("/dev/log") ? "socket:" : "/dev/null";
        Assert.StartsWith(errors, new FileInfo($"/proc/{recorder}/fd/2").LinkTarget, StringComparison.Ordinal);

        await Command.RunAsync("/bin/kill", ["-TERM", $"{recorder}"]);
        Assert.Equal("begun\nWARNING: a word\nended\n", await RecordWith("ended\n"));
    }

    [Fact]
    public async Task A_recorder_of_which_nobody_could_be_told_is_ended_and_the_status_is_1()
    {
        // The reader of the process id is gone before it comes.
        CommandResult told = await Command.RunAsync(
            "/bin/sh",
            ["-c", $"mkfifo '{Record}.pipe'; true <'{Record}.pipe' & "
                + $"{VirtapProcess.Binary} run -F -o '{Record}' -e 'probe end {{ println(\"ended\") }}' >'{Record}.pipe'"]);

        Assert.Equal(1, told.Status);
        Assert.Matches(@"^error: the recorder, process \d+, was ended, as nobody could be told of it\n$", told.Error);
        Assert.Equal("ended\n", await RecordWith("ended\n"));
    }

    [Fact]
    public async Task What_goes_wrong_before_is_told_by_the_caller()
    {
        CommandResult wrong = await VirtapProcess.RunAsync("run", "-F", "-o", Record, "-e", "probe begin { println(x) }");
        Assert.Equal((1, ""), (wrong.Status, wrong.Output));
        Assert.StartsWith("semantic error: unresolved type : identifier 'x' at <input>:1:23\n", wrong.Error, StringComparison.Ordinal);

        CommandResult nowhere = await VirtapProcess.RunAsync("run", "-F", "-e", "probe begin { }");
        Assert.Equal(1, nowhere.Status);
        Assert.StartsWith("You have to specify output FILE with '-F' option", nowhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_full_disk_cannot_take_is_told_where_standard_error_is_a_file()
    {
        await Requirements.InspectingAsync();
        string disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName, errors = Path.Combine(_folder, "errors");
        await Command.RunAsync("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "none", disk]);
        try
        {
            const string script = "probe timer.ms(10) { for (i = 0; i < 20; i++) printf(\"%4000d\\n\", 1) }";
            CommandResult caller = await Command.RunAsync(
                "/bin/sh", ["-c", $"exec {VirtapProcess.Binary} run -F -o {disk}/out -e '{script}' 2>{errors}"]);
            Assert.Equal(0, caller.Status);
            // Behind what was skipped on a busy machine.
            Assert.EndsWith(
                $"error: file '{disk}/out' cannot be written: No space left on device\n", await TextWith(errors, "device\n"),
                StringComparison.Ordinal);
        }
        finally
        {
            await Command.RunAsync("/bin/umount", ["-l", disk]);
        }
    }

    [Fact]
    public async Task What_the_session_says_is_not_in_the_record_where_standard_error_is_a_file()
    {
        string errors = Path.Combine(_folder, "errors");
        const string script = "probe begin { warn(\"a word\") println(\"begun\") exit() }";
        CommandResult caller = await Command.RunAsync(
            "/bin/sh", ["-c", $"exec {VirtapProcess.Binary} run -F -o {Record} -e '{script}' 2>{errors}"]);
        Assert.Equal(0, caller.Status);
        Assert.Equal("begun\n", await RecordWith("begun\n"));
        Assert.Equal("WARNING: a word\n", await TextWith(errors, "word\n"));
    }

    [Fact]
    public async Task One_whose_id_cannot_be_told_is_ended()
    {
        const string script = "probe begin { println(pid()) } probe end { println(1) }";
        CommandResult caller = await Command.RunAsync(
            "/bin/sh", ["-c", $"exec {VirtapProcess.Binary} run -F -o {Record} -e '{script}' >/dev/full"]);
        Assert.Equal(1, caller.Status);
        string[] lines = await File.ReadAllLinesAsync(Record, TestContext.Current.CancellationToken);
        Assert.Equal(
            $"error: the recorder, process {lines[0]}, was ended, as nobody could be told of it\n"
                + "error: standard output cannot be written: No space left on device\n",
            caller.Error);
        Assert.Equal("1", lines[1]);
    }

    /// <summary>The record, once it ends with some text.</summary>
    private Task<string> RecordWith(string end) => TextWith(Record, end);

    private static async Task<string> TextWith(string path, string end)
    {
        long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (true)
        {
            string text = await File.ReadAllTextAsync(path);
            if (text.EndsWith(end, StringComparison.Ordinal) || Environment.TickCount64 > deadline)
                return text;
            await Task.Delay(20);
        }
    }
}
