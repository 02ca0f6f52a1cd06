using System.Globalization;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Stacks;

/// <summary>Stacks as gdb finds them, to compare with: the functions' names, and their lines where it knows them; up to main.</summary>
internal static class GdbStack
{
    // gdb makes frames of calls that leave none (a function that ends by a jump to another); they are on no stack.
    private const string Script = """
        python
        def stacks():
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.ptid[1]):
                thread.switch()
                print('==== %d' % thread.ptid[1])
                frame = gdb.newest_frame()
                while frame:
                    line = frame.find_sal().line
                    if frame.type() == gdb.SIGTRAMP_FRAME:
                        print('| <signal handler called>')
                    elif frame.type() != gdb.TAILCALL_FRAME:
                        print('| ' + (frame.name() or '??') + (':%d' % line if line else ''))
                    frame = frame.older()
        end

        """;

    /// <summary>The stacks of live processes' threads, by thread: one run of gdb for all of them.</summary>
    public static Dictionary<int, string[]> OfProcesses(string folder, IEnumerable<int> pids) =>
        Run(folder, string.Concat(pids.Select(static pid => $"attach {pid}\npython stacks()\ndetach\n")));

    /// <summary>The stacks of a core's threads.</summary>
    public static Dictionary<int, string[]> OfCore(string folder, string program, string core) =>
        Run(folder, "python stacks()\n", program, core);

    private static Dictionary<int, string[]> Run(string folder, string commands, params string[] arguments)
    {
        string script = Path.Combine(folder, "script.gdb");
        File.WriteAllText(script, Script + commands);
        return Tool.Run("gdb", ["-nx", "-batch", .. arguments, "-x", script]).Split("==== ")[1..]
            .Select(static part => part.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(
                static lines => int.Parse(lines[0], CultureInfo.InvariantCulture),
                static lines => lines[1..].Where(static line => line.StartsWith("| ", StringComparison.Ordinal))
                    .Select(static line => Plain(line[2..])).ToArray());
    }

    /// <summary>glibc has a function under several names, of which gdb chooses one that its own calls are linked to.</summary>
    public static string Plain(string name) => name.Replace("__GI_", "", StringComparison.Ordinal).TrimStart('_');
}
