using System.Globalization;
using System.Text.RegularExpressions;

namespace Virtap.EndToEnd;

/// <summary>-F: a session in the background, which writes to the file of -o or keeps what it prints in memory.</summary>
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

    [Fact]
    public async Task Without_a_file_what_was_printed_is_fetched_by_name_and_the_session_goes_on_behind_it()
    {
        string name = NewName(), first = Path.Combine(_folder, "first");
        CommandResult caller = await VirtapProcess.RunAsync(
            "run", "-F", "-m", name, "-e",
            "global n probe begin { println(0) } probe timer.ms(10) { println(++n) } probe end { println(\"ended\") }");
        Assert.Equal((0, ""), (caller.Status, caller.Output));
        Assert.Matches(
            $"^Disconnecting from systemtap module.\nTo reconnect, type \"virtap staprun -A {name}\"\n"
                + $"It is process \\d+; to end it, type \"virtap staprun -d {name}\"\n$", caller.Error);

        // Ctrl-\\ leaves it alone.
        CommandResult left = await FetchAsync(name, first, "", "QUIT");
        Assert.Equal(0, left.Status);
        Assert.Equal($"Disconnecting from systemtap module.\nTo reconnect, type \"virtap staprun -A {name}\"\n", left.Error);

        // Whoever comes while somebody is there is told so, and Ctrl-C ends the session.
        CommandResult ended = await FetchAsync(name, Record, $"{VirtapProcess.Binary} staprun -d {name}", "INT");
        Assert.Equal((0, $"ERROR: Couldn't remove module '{name}': somebody else has attached to it.\n"), (ended.Status, ended.Error));

        // Nothing was fetched twice, and nothing is missing.
        string[] lines = [
            .. await File.ReadAllLinesAsync(first, TestContext.Current.CancellationToken),
            .. await File.ReadAllLinesAsync(Record, TestContext.Current.CancellationToken)];
        Assert.Equal("ended", lines[^1]);
        Assert.Equal(Enumerable.Range(0, lines.Length - 1).Select(static number => $"{number}"), lines[..^1]);

        CommandResult none = await VirtapProcess.RunAsync("staprun", "-A", name);
        Assert.Equal(1, none.Status);
        Assert.StartsWith(
            $"ERROR: Cannot attach to module {name} control channel; not running?\n", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_script_has_left_when_it_ended_waits_to_be_fetched_with_its_status()
    {
        CommandResult caller = await VirtapProcess.RunAsync(
            "run", "-F", "-e", "probe begin { println(\"begun\") } probe timer.ms(1) { error(\"enough\") }");
        Match told = Regex.Match(caller.Error, "staprun -A (stap_[0-9a-f]{32}_([0-9]+))\"\nIt is process ([0-9]+);");
        Assert.True(told.Success, caller.Error);
        Assert.Equal(told.Groups[2].Value, told.Groups[3].Value);

        CommandResult fetched = await VirtapProcess.RunAsync("staprun", "-A", told.Groups[1].Value);
        Assert.Equal((1, "begun\n"), (fetched.Status, fetched.Output));
        Assert.StartsWith("ERROR: enough\n", fetched.Error, StringComparison.Ordinal);
        Assert.EndsWith("Pass 5: run failed.  [man error::pass5]\n", fetched.Error, StringComparison.Ordinal);
        await GoneAsync(told.Groups[3].Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_in_memory_is_deleted_by_its_name_or_ended_by_a_signal(bool byName)
    {
        string name = NewName();
        string[] words = ["run", "-F", "-m", name, "-e", "probe timer.ms(1) { println(\"a line\") }"];
        CommandResult caller = await VirtapProcess.RunAsync(words);
        string process = Regex.Match(caller.Error, "It is process ([0-9]+);").Groups[1].Value;

        CommandResult second = await VirtapProcess.RunAsync(words);
        Assert.Equal(1, second.Status);
        Assert.Contains($"Couldn't insert module '{name}': File exists", second.Error, StringComparison.Ordinal);

        CommandResult end = byName ? await VirtapProcess.RunAsync("staprun", "-d", name) : await Command.RunAsync("/bin/kill", [process]);
        Assert.Equal((0, "", ""), (end.Status, end.Output, end.Error));
        await GoneAsync(process);
    }

    [Fact]
    public async Task What_memory_has_no_room_for_is_counted_and_the_newest_stays()
    {
        CommandResult caller = await VirtapProcess.RunAsync(
            "run", "-F", "-s", "1", "-DMAXACTION=100000", "-e",
            "probe begin { for (i = 0; i < 20000; i++) printf(\"%99d\\n\", i) exit() }");
        Match told = Regex.Match(caller.Error, "staprun -A (stap_[0-9a-f]{32}_[0-9]+)\"");
        CommandResult fetched = await VirtapProcess.RunAsync("staprun", "-A", told.Groups[1].Value);

        Match lost = Regex.Match(fetched.Error, "^WARNING: ([0-9]+) bytes of what 'stap_.*' has printed are lost");
        Assert.True(lost.Success, fetched.Error);
        int count = int.Parse(lost.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.Equal(20000 * 100, count + fetched.Output.Length);
        Assert.InRange(fetched.Output.Length, 1, 1 << 20);
        Assert.EndsWith(" 19999\n", fetched.Output, StringComparison.Ordinal);
        // It begins with a whole line.
        Assert.Equal(0, fetched.Output.Length % 100);
    }

    [Theory]
    [InlineData("Need a module name or path to load.", "-A")]
    [InlineData("Cannot have module options with attach (-A).", "-A", "x", "y=1")]
    [InlineData("You have to specify output FILE with '-S' option.", "-A", "x", "-S1")]
    [InlineData("-L is not supported: there are none here; virtap run -F begins a session in the background.", "-L", "x.ko")]
    public async Task What_staprun_is_asked_in_vain_it_says(string problem, params string[] words)
    {
        CommandResult result = await VirtapProcess.RunAsync(["staprun", .. words]);
        Assert.Equal(1, result.Status);
        Assert.StartsWith($"ERROR: {problem}\n", result.Error, StringComparison.Ordinal);
    }

    private static string NewName() => $"virtap_test_{Guid.NewGuid():N}"[..30];

    /// <summary>Fetches into a file until there is something in it, runs a command, and sends a signal to whoever fetches.</summary>
    private static Task<CommandResult> FetchAsync(string name, string file, string command, string signal) => Command.RunAsync(
        "/bin/sh", ["-c", $"""
            env --default-signal=INT,QUIT {VirtapProcess.Binary} staprun -A {name} -o {file} & fetching=$!
            until [ -s {file} ]; do sleep 0.05; done
            {command}
            kill -{signal} $fetching
            wait $fetching
            """]);

    private static async Task GoneAsync(string process)
    {
        long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (Directory.Exists($"/proc/{process}") && Environment.TickCount64 < deadline)
            await Task.Delay(20);
        Assert.False(Directory.Exists($"/proc/{process}"));
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
