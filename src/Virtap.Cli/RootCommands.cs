using System.CommandLine;
using System.CommandLine.Invocation;
using Virtap.Cli.Coalescing;
using Virtap.Cli.Commands;
using Virtap.Cli.Completion;
using Virtap.Cli.Debug;
using Virtap.Cli.Doctor;
using Virtap.Cli.Explain;
using Virtap.Cli.Help;
using Virtap.Cli.Latency;
using Virtap.Cli.List;
using Virtap.Cli.Logpoints;
using Virtap.Cli.Marks;
using Virtap.Cli.Print;
using Virtap.Cli.Queues;
using Virtap.Cli.Ring;
using Virtap.Cli.Run;
using Virtap.Cli.Stacks;
using Virtap.Cli.Staprun;
using Virtap.Cli.Types;
using Virtap.Cli.Why;

namespace Virtap.Cli;

/// <summary>All commands of <c>virtap</c>.</summary>
internal static class RootCommands
{
    /// <summary>Runs a command line; returns the exit status.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0)
        {
            Create().Parse(["--help"]).Invoke();
            return ExitStatus.Failure;
        }

        ParseResult parsed = Create().Parse(arguments);
        return parsed.Action is ParseErrorAction
            ? CommandLineErrors.Report(parsed) : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    /// <summary>Whether there is a command of that name.</summary>
    public static bool Has(string name) => Create().Subcommands.Any(command => command.Name == name);

    /// <summary>Makes the tree of commands, for parsing, help and completion.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("""
            Virtap runs SystemTap scripts on live processes, through eBPF: QEMU first of
            all, with or without marks compiled in. It shows the virtqueues of running
            virtual machines, and says what is wrong with them.

            Examples:
              virtap ls                             the virtual machines of this host
              virtap vq disk0                       the queues of a disk at work
              virtap ring disk0                     the requests that are in flight there
              virtap latency disk0                  where their time goes
              virtap why                            what is wrong with them, if anything
              virtap stacks                         what each thread of a QEMU is doing
              virtap run -v script.stp vdev:disk0   a script, and the device it is about
              virtap run -e 'probe timer.s(1) { println(ctime()) }'
              virtap run -l 'process("qemu-system-x86_64").mark("virtio_blk*")'
              virtap marks web01 'virtio_*'         the marks of a machine's QEMU
              virtap print 4711 '*vdev(disk0)->vq'  a C expression, as gdb prints it
              virtap debug 4711                     gdb's prompt: breakpoints, steps
              virtap doctor                         what this kernel offers to tracing

            A machine is a process id, or a name: virtap why web01 disk0.
            """);
        root.Subcommands.Add(RunCommand.Declaration());
        root.Subcommands.Add(StaprunCommand.Declaration());
        root.Subcommands.Add(ListCommand.Create());
        root.Subcommands.Add(QueuesCommand.Create());
        root.Subcommands.Add(RingCommand.Create());
        root.Subcommands.Add(CoalescingCommand.Create());
        root.Subcommands.Add(LatencyCommand.Create());
        root.Subcommands.Add(WhyCommand.Create());
        root.Subcommands.Add(StacksCommand.Create());
        root.Subcommands.Add(ExplainCommand.Create());
        root.Subcommands.Add(MarksCommand.Create());
        root.Subcommands.Add(PrintCommand.Create());
        root.Subcommands.Add(TypesCommand.Create());
        root.Subcommands.Add(DebugCommand.Create());
        root.Subcommands.Add(WatchCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        OverviewHelp.Attach(root);
        return root;
    }
}
