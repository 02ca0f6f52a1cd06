using System.Diagnostics;
using Virtap.Bpf.Tests.Support;
using Virtap.Language.Library;
using Virtap.Processes.Commands;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

public sealed class ProcessEventTests : IDisposable
{
    // Programs of its own: others may run those of the system at any time.
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-processes").FullName;

    private static readonly LongExpression s_pid = new ContextLong(ContextValue.Pid);
    private static readonly LongExpression s_tid = new ContextLong(ContextValue.Tid);

    [Fact]
    public void Processes_that_run_begin_at_the_start_and_later_ones_when_they_start()
    {
        RealKernel.Require();
        using var script = new HandMade();
        string path = $"process(\"{MarkedProgram.Path}\")";
        script.On($"{path}.begin", script.Print("begin {0}", s_pid));
        script.On($"{path}.end", script.Print("end {0}", s_pid));
        using MarkedProgram first = MarkedProgram.Start(1);
        int second = 0;
        script.Run(() =>
        {
            using (MarkedProgram later = MarkedProgram.Start(1))
            {
                second = later.Id;
                later.Run();
                later.End();
            }

            Eventually(() => script.Output.Contains($"end {second}\n", StringComparison.Ordinal));
        });
        Assert.Equal($"begin {first.Id}\nbegin {second}\nend {second}\n", script.Output);
    }

    [Fact]
    public void A_process_that_is_gone_before_anyone_looks_has_been_seen()
    {
        RealKernel.Require();
        using var script = new HandMade();
        string program = CopyOf("/usr/bin/true");
        script.On($"process(\"{program}\").begin", HandMade.Add(0));
        script.On($"process(\"{program}\").end", HandMade.Add(1));
        script.On("end", script.Print("{0} begun", 0), script.Print("{0} ended", 1));
        script.Run(() =>
        {
            using Process shell = Process.Start("/bin/sh", ["-c", $"for i in 1 2 3 4 5 6 7 8 9 10; do {program}; done"]);
            shell.WaitForExit();
            Thread.Sleep(100);
        });
        Assert.Equal("10 begun\n10 ended\n", script.Output);
    }

    [Fact]
    public void A_process_that_goes_on_with_another_program_has_ended_with_the_first()
    {
        RealKernel.Require();
        using var script = new HandMade();
        string dash = CopyOf("/bin/sh"), sleep = CopyOf("/bin/sleep");
        script.On($"process(\"{dash}\").end", HandMade.Add(0));
        script.On($"process(\"{sleep}\").begin", HandMade.Add(1));
        script.On($"process(\"{sleep}\").end", HandMade.Add(2));
        script.On("end", script.Print("{0} ", 0), script.Print("{0} ", 1), script.Print("{0}", 2));
        script.Run(() =>
        {
            using Process shell = Process.Start(dash, ["-c", $"exec {sleep} 0.01"]);
            shell.WaitForExit();
            Thread.Sleep(100);
        });
        Assert.Equal("1 \n1 \n1\n", script.Output);
    }

    [Fact]
    public void Threads_begin_and_end()
    {
        RealKernel.Require();
        using var script = new HandMade();
        using MarkedProgram program = MarkedProgram.Start(1, threads: 3);
        script.On($"process({program.Id}).thread.begin", HandMade.Add(0), script.Print("{0}", s_tid));
        script.On($"process({program.Id}).thread.end", HandMade.Add(1));
        script.On("end", script.Print("{0} begun", 0), script.Print("{0} ended", 1));
        script.Run(() =>
        {
            program.Run();
            Thread.Sleep(100);
        });
        Assert.EndsWith("3 begun\n3 ended\n", script.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($"{program.Id}\n", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_argument_it_is_the_tree_of_the_target()
    {
        RealKernel.Require();
        using SuspendedCommand command = SuspendedCommand.Start("/usr/bin/true; /bin/sh -c '/usr/bin/true; /usr/bin/true'; /usr/bin/true");
        using var script = new HandMade(command.ProcessId);
        script.On("process.begin", HandMade.Add(0));
        script.On("end", script.Print("{0}", 0));
        using Process other = Process.Start("/bin/sleep", ["0.05"]);
        script.Run(with: o => o with { Command = command, TargetProcess = command.ProcessId });

        // A shell may become its last command rather than make a process for it: at least the four commands and the inner shell.
        int begun = int.Parse(script.Output);
        Assert.InRange(begun, 5, 11);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string CopyOf(string program)
    {
        string copy = Path.Combine(_folder, Path.GetFileName(program));
        File.Copy(program, copy);
        return copy;
    }

    private static void Eventually(Func<bool> condition)
    {
        for (int tries = 0; !condition() && tries < 200; tries++)
            Thread.Sleep(10);
        Assert.True(condition());
    }
}
