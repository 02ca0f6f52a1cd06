using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary><c>virtap debug</c>: what gdb says, said by Virtap; and that the target outlives it, whatever happens to it.</summary>
public sealed partial class DebugTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-debug-").FullName;

    [Theory]
    [InlineData("gcc", "-O0 -g")]
    [InlineData("gcc", "-O2 -g")]
    [InlineData("clang", "-O0 -g")]
    public async Task A_session_reads_as_gdbs(string compiler, string options)
    {
        Requirements.Program(compiler);
        Requirements.Program("gdb");
        string program = await CompileAsync(compiler, options, "notes-queue.c");
        string script = Path.Combine(_folder, "session.gdb");
        await File.WriteAllTextAsync(script, """
            info functions virtio
            info variables vdev
            info types Q
            info line main
            break virtio_notify_irqfd
            tbreak depth if n == 1
            info breakpoints
            run
            bt
            info args
            display vq->used_idx
            display/x vq->vring.align
            info display
            finish
            up
            undisplay 1
            continue
            bt
            print n
            info locals
            finish
            delete
            info line virtio_notify_irqfd
            info symbol virtio_notify_irqfd
            list virtio_notify_irqfd
            x/3xb &notified
            x/2dw &vdev.vq->vring
            ptype EventNotifier
            whatis vq
            continue
            """, TestContext.Current.CancellationToken);
        string expected = Comparable(await Command.RunAsync(
            Command.Find("gdb")!, ["-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-x", script, "--args", program, "end"]));
        string actual = Comparable(await VirtapProcess.RunAsync("debug", "--batch", "-x", script, "--", program, "end"));
        Assert.Contains("Breakpoint 1, virtio_notify_irqfd (vdev=", expected, StringComparison.Ordinal);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("gcc", "-O0 -g")]
    [InlineData("gcc", "-O2 -g")]
    [InlineData("clang", "-O0 -g")]
    public async Task Variables_that_only_the_run_or_the_caller_knows_read_as_gdbs(string compiler, string options)
    {
        Requirements.Program(compiler);
        Requirements.Program("gdb");
        string program = await CompileAsync(compiler, options, "locals.c");
        string script = Path.Combine(_folder, "locals.gdb");
        await File.WriteAllTextAsync(script, """
            handle SIGUSR1 nostop noprint pass
            break variable_length
            run
            next 3
            info args
            print n
            info locals
            finish
            delete
            tbreak mix
            continue
            info args
            print x * 2
            print own
            print own_pair
            whatis own_pair
            bt
            finish
            tbreak last
            continue
            bt
            info args
            up
            info args
            """, TestContext.Current.CancellationToken);
        string[] gdb = ["-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-x", script, program];
        string expected = Comparable(await Command.RunAsync(Command.Find("gdb")!, gdb));
        string actual = Comparable(await VirtapProcess.RunAsync("debug", "--batch", "-x", script, "--", program));
        Assert.Contains("{a = 3, b = 4.5}", expected, StringComparison.Ordinal);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Calls_into_libraries_and_the_core_that_is_made_there_read_as_gdbs()
    {
        Requirements.Program("gcc");
        Requirements.Program("gdb");
        string program = Path.Combine(_folder, "across"), core = program + ".core";
        string sources = Directory.CreateDirectory(Path.Combine(_folder, "sources", "build")).FullName;
        foreach (string source in (string[])["across.c", "across-library.c"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Targets", source), Path.Combine(sources, "..", source));
        foreach (string line in (string[])["-shared -fPIC -o ../../libacross.so ../across-library.c",
            $"-o ../../across ../across.c -L../.. -lacross -Wl,-rpath,{_folder}"])
        {
            // Called where the folder is another than the sources', as big programs are built.
            var made = await Command.RunAsync("env", ["-C", sources, "gcc", "-O2", "-g", .. line.Split(' ')]);
            Assert.True(made.Status == 0, made.Error);
        }

        string live = Path.Combine(_folder, "live.gdb"), dead = Path.Combine(_folder, "dead.gdb");
        await File.WriteAllTextAsync(live, """
            break main
            run
            break given
            continue
            bt full
            info threads
            continue
            bt full
            info args
            frame 1
            info line
            info source
            info registers eflags cs
            print amount
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(dead, """
            info threads
            thread apply all bt full
            info registers eflags cs fs_base
            frame 1
            info locals
            info line
            """, TestContext.Current.CancellationToken);
        string gdb = Command.Find("gdb")!;
        string[] quiet = ["-nx", "-q", "-batch", "-iex", "set debuginfod enabled off"];
        CommandResult dumped = await Command.RunAsync(
            gdb, [.. quiet, "-x", live, "-ex", $"generate-core-file {core}", "-ex", "kill", program]);
        string expected = Comparable(dumped).Replace($"Saved corefile {core}\n", "", StringComparison.Ordinal);
        Assert.Contains("given (amount=amount@entry=7, why=why@entry=0x#", expected, StringComparison.Ordinal);
        Assert.Contains("calls = ", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Comparable(await VirtapProcess.RunAsync("debug", "--batch", "-x", live, "-ex", "kill", "--", program)));
        Assert.Equal(
            Comparable(await Command.RunAsync(gdb, [.. quiet, "-x", dead, program, core])),
            Comparable(await VirtapProcess.RunAsync("debug", core, "--exe", program, "--batch", "-x", dead)));

        // A library that is missing ends it before its own first instruction.
        File.Delete(Path.Combine(_folder, "libacross.so"));
        var missing = await VirtapProcess.RunAsync("debug", "--batch", "-ex", "run", "-ex", "info threads", "--", program);
        Assert.Matches(@"\[Inferior 1 \(process [1-9]\d*\) exited with code 0177\]\nNo threads\.\n", missing.Output);
    }

    [Fact]
    public async Task A_run_that_nothing_stops_is_told_with_its_process()
    {
        CommandResult result = await VirtapProcess.RunAsync("debug", "--batch", "-ex", "run", "--", "/bin/sh", "-c", "exit 8");
        Assert.Matches(@"\[Inferior 1 \(process [1-9]\d*\) exited with code 010\]", result.Output);
    }

    [Fact]
    public async Task Steps_read_as_gdbs()
    {
        Requirements.Program("gcc");
        Requirements.Program("gdb");
        string program = await CompileAsync("gcc", "-O0 -g", "notes-queue.c");
        string script = Path.Combine(_folder, "steps.gdb");
        await File.WriteAllTextAsync(script, """
            break virtio_notify_irqfd
            run
            info locals
            next
            next
            next
            step
            next
            step
            bt
            finish
            stepi
            nexti
            x/2i $pc
            info registers rip
            up
            info frame
            tbreak depth
            continue
            until
            advance 75
            bt 1
            info frame
            watch notified
            kill
            """, TestContext.Current.CancellationToken);
        string expected = Comparable(await Command.RunAsync(
            Command.Find("gdb")!,
            ["-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set can-use-hw-watchpoints 0", "-x", script, "--args",
                program, "end"]));
        string actual = Comparable(await VirtapProcess.RunAsync("debug", "--batch", "-x", script, "--", program, "end"));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task The_notes_session_on_a_process_that_runs()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O2 -g", "");
        var result = await VirtapProcess.RunAsync(
            "debug", Id(target), "-ex", "break virtio_notify_irqfd", "-ex", "continue", "-ex", "display *vq", "-ex", "c", "-ex", "detach",
            "--batch");
        Assert.Equal(("", 0), (result.Error, result.Status));
        Assert.Matches(
            """
            Thread 2 "notes-queue" hit Breakpoint 1, virtio_notify_irqfd \(vdev=\S*0x[0-9a-f]+, vq=\S*0x[0-9a-f]+ <vq>\) at .*c:\d+
            \d+\t.*
            1: \*vq = \{vring = \{num = 128, num_default = 128, align = 4096, desc = 4641325056, avail = 4641327104, .*, caches = 0x0\}, .*
            """.ReplaceLineEndings("\n"), result.Output.ReplaceLineEndings("\n"));
        const string end = "last_avail_wrap_counter = true, .*, handle_output = 0x[0-9a-f]+ <virtio_blk_handle_output>, "
            + "handle_aio_output = 0x[0-9a-f]+ <virtio_blk_data_plane_handle_output>, .*host_notifier_enabled = true, node = .*";
        Assert.Equal(1, Regex.Count(result.Output, end));
        await AssertRunsUntouchedAsync(target);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_to_the_debugger_leaves_nothing(string signal)
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "");
        using Process debugger = Command.Start(
            VirtapProcess.Binary,
            ["debug", Id(target), "-ex", "break virtio_notify_irqfd if vq->used_idx == 1", "-ex", "break depth", "-ex", "continue",
                "-ex", "continue", "-ex", "delete 2", "-ex", "continue"]);
        await ReadUntilAsync(debugger, "Continuing.", 3);
        await Command.RunAsync("/bin/kill", ["-" + signal, Id(debugger)]);
        await debugger.WaitForExitAsync(TestContext.Current.CancellationToken);
        await AssertRunsUntouchedAsync(target);
    }

    // The step ends when the call does. What interrupts it makes it trap, and nobody is there for the trap any more.
    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_system_call_that_is_stepped_outlives_the_debugger(string signal)
    {
        await Requirements.InspectingAsync();
        using Process target = Command.Start("/bin/sleep", ["1000"]);
        using Process debugger = Command.Start(
            VirtapProcess.Binary, ["debug", Id(target), "--batch", "-ex", "print 40 + 2", "-ex", "stepi", "-ex", "detach"]);
        await ReadUntilAsync(debugger, "= 42", 1);
        await WaitForStatusAsync(target, @"State:\s+S[^$]*TracerPid:\s+[1-9]");

        await Command.RunAsync("/bin/kill", ["-" + signal, Id(debugger)]);
        await debugger.WaitForExitAsync(TestContext.Current.CancellationToken);
        await WaitForStatusAsync(target, @"State:\s+S[^$]*TracerPid:\s+0\n|State:\s+[XZ]");
        await Command.RunAsync("/bin/kill", ["-TERM", Id(target)]);
        await target.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(128 + Signals.Numbers["TERM"], target.ExitCode);

        async Task WaitForStatusAsync(Process process, string pattern)
        {
            for (int n = 0; n < 600 && !process.HasExited; n++)
            {
                string status = await File.ReadAllTextAsync($"/proc/{Id(process)}/status", TestContext.Current.CancellationToken);
                if (Regex.IsMatch(status, pattern))
                    return;
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task Words_that_nobody_reads_hold_no_target_up(string signal)
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "");
        using Process debugger = Command.Start(
            VirtapProcess.Binary, ["debug", Id(target), "-ex", "break virtio_notify_irqfd", "-ex", "continue", "-ex", "x/200000xb puts"]);
        await ReadUntilAsync(debugger, "hit Breakpoint 1", 1);
        string status = await File.ReadAllTextAsync($"/proc/{Id(target)}/status", TestContext.Current.CancellationToken);
        string tracer = Regex.Match(status, @"TracerPid:\s*(\d+)").Groups[1].Value;
        for (int n = 0; n < 600; n++)
        {
            string where = await File.ReadAllTextAsync($"/proc/{tracer}/wchan", TestContext.Current.CancellationToken);
            // A kernel without names for it says 0.
            if (where.Contains("pipe_write", StringComparison.Ordinal) || (where == "0" && n > 40))
                break;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await Command.RunAsync("/bin/kill", ["-" + signal, Id(debugger)]);
        await AssertRunsUntouchedAsync(target);
        await debugger.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_debuggers_own_death_is_repaired()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "single");
        using Process debugger = Command.Start(
            VirtapProcess.Binary, ["debug", Id(target), "-ex", "break virtio_blk_handle_output", "-ex", "continue"]);
        await ReadUntilAsync(debugger, "Continuing.", 1);
        string status = await File.ReadAllTextAsync($"/proc/{Id(target)}/status", TestContext.Current.CancellationToken);
        string tracer = Regex.Match(status, @"TracerPid:\s*(\d+)").Groups[1].Value;
        Assert.NotEqual(Id(debugger), tracer);
        await Command.RunAsync("/bin/kill", ["-KILL", tracer]);
        await debugger.WaitForExitAsync(TestContext.Current.CancellationToken);
        string error = await debugger.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Matches("the debugger was ended by signal 9; [1-9] breakpoints that it had left were taken out", error);
        await AssertRunsUntouchedAsync(target);
    }

    [Theory]
    [InlineData("fork")]
    [InlineData("vfork")]
    [InlineData("threads")]
    public async Task Children_and_threads_come_and_go(string what)
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", what);
        await Command.RunAsync("/bin/kill", ["-USR1", Id(target)]);
        var result = await VirtapProcess.RunAsync(
            "debug", Id(target), "--batch", "-ex", "handle SIGUSR1 nostop noprint", "-ex", "break virtio_notify_irqfd",
            "-ex", "ignore 1 20", "-ex", "continue", "-ex", "info breakpoints", "-ex", "next", "-ex", "delete",
            "-ex", "break main.missing");
        Assert.Contains("breakpoint already hit 21 times", result.Output, StringComparison.Ordinal);
        Assert.Contains("Function \"main.missing\" not defined.", result.Error, StringComparison.Ordinal);
        await AssertRunsUntouchedAsync(target);
    }

    [Fact]
    public async Task A_program_that_runs_another_is_followed()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        string program = await CompileAsync("gcc", "-O0 -g", "notes-queue.c");
        var result = await VirtapProcess.RunAsync(
            "debug", "--batch", "-ex", "break virtio_notify_irqfd", "-ex", "run", "-ex", "continue", "-ex", "bt", "-ex", "continue",
            "-ex", "info breakpoints", "--", program, "exec");
        Assert.Contains($"is executing new program: {program}", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(result.Output, "Breakpoint 1, virtio_notify_irqfd "));
        Assert.Matches(
            @"exited with code 07\]\n(.*\n)*1 +breakpoint +keep y +0x[0-9a-f]+ in virtio_notify_irqfd at .*\n.*hit 2 times", result.Output);
    }

    [Fact]
    public async Task Another_tracer_is_named()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "");
        using Process first = Command.Start(VirtapProcess.Binary, ["debug", Id(target)]);
        await ReadUntilAsync(first, "Attaching to process", 1);
        var second = await VirtapProcess.RunAsync("debug", Id(target), "--batch");
        Assert.Equal(1, second.Status);
        Assert.Contains("traces it (a debugger, strace), and the kernel allows one tracer", second.Error, StringComparison.Ordinal);
        first.StandardInput.Close();
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        await AssertRunsUntouchedAsync(target);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Id(Process process) => process.Id.ToString(CultureInfo.InvariantCulture);

    private async Task<string> CompileAsync(string compiler, string options, string source)
    {
        string program = Path.Combine(_folder, Path.GetFileNameWithoutExtension(source));
        string path = Path.Combine(AppContext.BaseDirectory, "Targets", source);
        var result = await Command.RunAsync(compiler, [.. options.Split(' '), "-pthread", "-o", program, path]);
        Assert.True(result.Status == 0, result.Error);
        return program;
    }

    private async Task<Process> StartAsync(string options, string word)
    {
        Process target = Command.Start(await CompileAsync("gcc", options, "notes-queue.c"), [word]);
        Assert.Equal("ready", await target.StandardOutput.ReadLineAsync());
        return target;
    }

    private static async Task ReadUntilAsync(Process process, string text, int times)
    {
        for (int seen = 0; seen < times;)
        {
            string line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1))
                ?? throw new InvalidOperationException("it ended: " + await process.StandardError.ReadToEndAsync());
            seen += line.Contains(text, StringComparison.Ordinal) ? 1 : 0;
        }
    }

    /// <summary>
    /// That a target is traced by nobody, has no thread that stands, and its code as its file has it; then it is ended.
    /// </summary>
    private static async Task AssertRunsUntouchedAsync(Process target)
    {
        string status = "";
        for (int n = 0; n < 600; n++)
        {
            status = await File.ReadAllTextAsync($"/proc/{target.Id}/status");
            if (status.Contains("TracerPid:\t0\n", StringComparison.Ordinal))
                break;
            await Task.Delay(50);
        }

        Assert.Contains("TracerPid:\t0\n", status, StringComparison.Ordinal);
        Assert.DoesNotContain("State:\tT", status, StringComparison.Ordinal);
        Assert.DoesNotContain("State:\tt", status, StringComparison.Ordinal);
        string code = (await File.ReadAllLinesAsync($"/proc/{target.Id}/maps"))
            .First(static line => line.Contains("r-xp", StringComparison.Ordinal));
        string[] words = code.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        long start = long.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        long end = long.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        long offset = long.Parse(words[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        byte[] there = new byte[end - start], file = new byte[end - start];
        using (var memory = File.OpenHandle($"/proc/{target.Id}/mem", share: FileShare.ReadWrite))
            Assert.Equal(there.Length, RandomAccess.Read(memory, there, start));
        using (var program = File.OpenHandle($"/proc/{target.Id}/exe"))
            Assert.Equal(file.Length, RandomAccess.Read(program, file, offset));
        Assert.True(there.AsSpan().SequenceEqual(file), "its code is not that of its file");
        Assert.False(target.HasExited);
        await Command.RunAsync("/bin/kill", ["-KILL", Id(target)]);
        await target.WaitForExitAsync();
    }

    /// <summary>What is said but for what differs from run to run: addresses, ids, and what gdb says of itself.</summary>
    private static string Comparable(CommandResult result)
    {
        string text = Address().Replace(result.Output, "0x#");
        text = ProcessId().Replace(text, "$1 #");
        return string.Join('\n', text.Split('\n').Where(static line => !OfGdbAlone().IsMatch(line)));
    }

    [GeneratedRegex("0x[0-9a-f]{6,}")]
    private static partial Regex Address();

    [GeneratedRegex(@"\b(process|LWP) \d+")]
    private static partial Regex ProcessId();

    [GeneratedRegex(@"^(\[Thread debugging|Using host libthread_db|\[New LWP|Kill the program|warning: Error disabling address space)")]
    private static partial Regex OfGdbAlone();
}
