using Virtap.Bpf.Tests.Support;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Tracing.Session.Globals;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>A session's globals, read from outside while it runs.</summary>
public sealed class GlobalsSnapshotTests
{
    [Fact]
    public void Numbers_and_arrays_of_numbers_are_there_at_the_end()
    {
        using Started started = Start("""
            global n = 7, pairs, gone, text, names
            probe begin {
                pairs[1, -1] = 10
                pairs[2, -2] = 20
                for (i = 0; i < 100; i++)
                    gone[i] = i
                delete gone
                gone[5] = 50
                text = "t"
                names["a"] = 1
                n++
                exit()
            }
            """);
        started.Session.RunToEnd();
        GlobalsSnapshot globals = started.Session.TakeSnapshot();
        Assert.Equal(8, globals.Number("n"));
        Assert.Equal([(1L, -1L, 10L), (2, -2, 20)], globals.Elements("pairs").Select(e => (e.Keys[0], e.Keys[1], e.Value)));
        Assert.Equal([(5L, 50L)], globals.Elements("gone").Select(e => (e.Keys[0], e.Value)));
        Assert.Throws<ArgumentException>(() => globals.Number("pairs"));
        Assert.Throws<ArgumentException>(() => globals.Elements("n"));
        Assert.Throws<ArgumentException>(() => globals.Number("text"));
        Assert.Throws<ArgumentException>(() => globals.Elements("names"));
        Assert.Throws<ArgumentException>(() => globals.Number("nothing"));
    }

    [Fact]
    public void What_is_seen_while_handlers_run_is_the_state_between_two_of_them()
    {
        RealKernel.Require();
        const int Calls = 100_000;
        using MarkedProgram program = MarkedProgram.Start(Calls, threads: 2);
        using Started started = Start($$"""
            global times, sums, changing
            probe process("{{MarkedProgram.Path}}").provider("demo").mark("step") {
                times[$arg1, $arg2 & 1023]++
                sums[$arg1]++
                if ($arg2 % 2)
                    delete changing[$arg1, ($arg2 * 3) & 63]
                else
                    changing[$arg1, $arg2 & 63] = $arg2
            }
            """);
        SessionResult? result = null;
        var runs = new Thread(() => result = started.Session.RunToEnd());
        runs.Start();
        var works = new Thread(() => program.Run());
        works.Start();
        bool isOver;
        long seen;
        do
        {
            isOver = works.Join(1);
            GlobalsSnapshot globals = started.Session.TakeSnapshot();
            seen = globals.Elements("sums").Sum(e => e.Value);
            Assert.Equal(seen, globals.Elements("times").Sum(e => e.Value));
            Assert.All(globals.Elements("changing"), e => Assert.True(e.Keys[0] is 0 or 1 && e.Keys[1] == (e.Value & 63)));
        }
        while (!isOver);

        started.Session.Stop();
        runs.Join();
        Assert.Equal(2 * Calls, seen + result!.Losses.Skipped);
    }

    private static Started Start(string text)
    {
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(new ProbeOptions());
        CompiledScript? script = ScriptText.Compile(text, resolver, [], diagnostics);
        Assert.Empty(diagnostics.Diagnostics.Select(d => d.Message));
        var host = new ScriptHost(new SessionOptions
        {
            Output = new OutputWriter(_ => { }),
            Errors = new OutputWriter(_ => { }),
            MaxSkipped = long.MaxValue,
            StopsOnSignals = false,
            PrintsUnreadGlobals = false,
        });
        LoadedScript loaded = host.Load(script!);
        return new Started(loaded, loaded.Start());
    }

    private sealed record Started(LoadedScript Loaded, RunningScript Session) : IDisposable
    {
        public void Dispose()
        {
            Session.Dispose();
            Loaded.Dispose();
        }
    }
}
