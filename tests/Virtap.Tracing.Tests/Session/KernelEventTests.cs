using System.Diagnostics;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>System calls and samples: what the kernel tells of the programs that run.</summary>
public sealed class KernelEventTests
{
    [Fact]
    public void System_calls_are_those_of_the_process()
    {
        RealKernel.Require();
        using CalledProgram program = CalledProgram.Start(1);
        // What it says besides is of the call in which the program waits, and of the one in which a new thread begins: they began earlier.
        string output = ScriptText.Run($$"""
            probe process({{program.Id}}).syscall { if ($syscall == 1) printf("%d(%d, .., %d) %s\n", $syscall, $arg1, $arg3, pp()) }
            probe process({{program.Id}}).syscall.return { if ($syscall == 1) printf("= %d %d\n", $return, @entry($arg3)) }
            """, () => program.Run()).Output;
        string point = $"process({program.Id}).syscall";
        Assert.Equal($"1(1, .., 0) {point}\n= 0 0\n1(1, .., 2) {point}\n= 2 2\n", output);
    }

    [Fact]
    public void Programs_that_run_a_file_are_told_from_others()
    {
        RealKernel.Require();
        using CalledProgram program = CalledProgram.Start(1);
        string output = Run($$"""
            global calls, others
            probe process("{{CalledProgram.Path}}").syscall { if (pid() == {{program.Id}}) calls++; else others++ }
            probe end { println(calls > 3, others) }
            """, program);
        Assert.Equal("10\n", output);
    }

    [Fact]
    public void A_process_whose_parent_has_ended_still_descends_from_the_target()
    {
        RealKernel.Require();
        using Process shell = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "read x; /bin/sh -c '(sleep 0.2; exec /bin/echo orphan) &'; echo left; read y"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        ScriptText.Outcome outcome = ScriptText.Run(
            """
            probe process.syscall { if ($syscall == 1 && user_string_n($arg2, 6) == "orphan") println(ppid() != target()) }
            """,
            () =>
            {
                shell.StandardInput.WriteLine();
                shell.StandardOutput.ReadLine();
                shell.StandardOutput.ReadLine();
            },
            new ProbeOptions { TargetProcess = shell.Id },
            options => options with { TargetProcess = shell.Id });
        shell.Kill();
        Assert.Equal("1\n", outcome.Output);
    }

    [Fact]
    public void The_targets_tree_is_the_target_and_what_it_starts()
    {
        RealKernel.Require();
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read x; /bin/echo inner; /bin/true; read y"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        ScriptText.Outcome outcome = ScriptText.Run(
            """
            probe process.syscall { if ($syscall == 1) printf("%s %s\n", pid() == target() ? "itself" : "child", user_string_n($arg2, 5)) }
            """,
            () =>
            {
                shell.StandardInput.WriteLine();
                shell.StandardOutput.ReadLine();
            },
            new ProbeOptions { TargetProcess = shell.Id },
            options => options with { TargetProcess = shell.Id });
        shell.Kill();
        Assert.Equal("child inner\n", outcome.Output);
    }

    [Fact]
    public void Aliases_of_system_calls_name_their_arguments()
    {
        RealKernel.Require();
        using CalledProgram program = CalledProgram.Start(1);
        string output = Run($$"""
            probe syscall.write { if (pid() == {{program.Id}}) printf("%s %d %d | %s\n", name, fd, count, pn()) }
            probe syscall.write.return { if (pid() == {{program.Id}}) printf("%s = %s\n", name, retstr) }
            probe nd_syscall.exit_group { if (pid() == {{program.Id}}) printf("%s(%s)\n", name, argstr) }
            """, program);
        Assert.Equal("""
            write 1 0 | syscall.write
            write = 0
            write 1 2 | syscall.write
            write = 2
            exit_group(0)

            """, output);
    }

    [Fact]
    public void Argument_strings_have_words_for_flags()
    {
        RealKernel.Require();
        string file = Path.GetTempFileName();
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"read x; exec 5>>{file}; read y"])
        {
            RedirectStandardInput = true,
        })!;
        ScriptText.Outcome outcome = ScriptText.Run(
            $$"""probe syscall.openat { if (pid() == {{shell.Id}}) printf("%s %s\n", argstr, filename) }""",
            () =>
            {
                shell.StandardInput.WriteLine();
                Thread.Sleep(200);
            });
        shell.Kill();
        File.Delete(file);
        Assert.Equal("", outcome.Errors);
        Assert.Equal($"AT_FDCWD, \"{file}\", O_WRONLY|O_CREAT|O_APPEND, 0666 \"{file}\"\n", outcome.Output);
    }

    [Fact]
    public void Aliases_with_words_load()
    {
        RealKernel.Require();
        ScriptText.Outcome outcome = ScriptText.Run("""
            global n
            probe syscall.{ope*,mm*,mp*,kill,fu*,lseek,acc*,rt_sig*,clone} { n += strlen(argstr) }
            probe syscall.{read,mmap2}.return { n += strlen(retstr) }
            probe timer.ms(50) { exit() }
            """);
        Assert.StartsWith("n=", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("timer.profile")]
    [InlineData("timer.profile.freq.hz(500)")]
    [InlineData("perf.sw.cpu_clock.sample(1000000)")]
    [InlineData("perf.sw.cpu_clock.hz(100)")]
    [InlineData("perf.type(1).config(1).sample(1000000)")]
    public void Samples_come_from_whatever_runs(string point)
    {
        RealKernel.Require();
        // Some hundred milliseconds of computing: dozens of samples at the least rate.
        using CalledProgram program = CalledProgram.Start(38);
        string output = Run($$"""
            global samples
            probe {{point}} { if (pid() == {{program.Id}} && user_mode() && addr() != 0) samples++ }
            probe end { println(samples > 2) }
            """, program);
        Assert.Equal("1\n", output);
    }

    [Fact]
    public void A_counter_tells_each_thread_what_it_has_done_itself()
    {
        RealKernel.Require();
        Assert.SkipUnless(Environment.SystemPageSize == 4096, "pages are larger here");
        using FaultingProgram program = FaultingProgram.Start();
        // With the first call the kernel gets the process a page for its own breakpoints.
        ScriptText.Outcome outcome = ScriptText.Run($$"""
            global pages, faults
            probe perf.sw.page_faults.process("{{FaultingProgram.Path}}").counter("faults") { }
            probe process("{{FaultingProgram.Path}}").function("touch") { if (tid() != pid()) faults -= @perf("faults") }
            probe process("{{FaultingProgram.Path}}").function("touch").return {
                if (tid() != pid()) { faults += @perf("faults"); pages += returnval() }
            }
            probe end { println(pages, " ", faults) }
            """, program.Run);
        Assert.Equal(("406 406\n", ""), (outcome.Output, outcome.Errors));
    }

    private static string Run(string text, CalledProgram program)
    {
        ScriptText.Outcome outcome = ScriptText.Run(text, () => program.Run());
        Assert.Equal("", outcome.Errors);
        return outcome.Output;
    }
}
