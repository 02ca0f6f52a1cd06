using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Targets;
using Virtap.Debugging.Tests.Golden;
using Virtap.Processes;
using Virtap.Processes.Control;

namespace Virtap.Debugging.Tests.Control;

/// <summary>
/// <c>traced.c</c>, running: it does what the bytes say that it is given, and answers each with a line. It is no child of the tests' own:
/// of those .NET would take the news that are the tracer's.
/// </summary>
internal sealed class TracedProgram : IDisposable
{
    /// <summary>SIGCHLD.</summary>
    private const int ChildEnded = 17;

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-traced-").FullName;
    private readonly StreamWriter _input;
    private readonly StreamReader _output;

    public TracedProgram()
    {
        string program = Path.Combine(_folder, "traced"), input = program + ".in", output = program + ".out";
        GdbRun.Run("gcc", ["-g", "-O0", "-pthread", "-o", program, Questions.PathOf("../Control/traced.c")]);
        GdbRun.Run("mkfifo", [input, output]);
        const string start = "(exec >/dev/null 2>&1; exec \"$0\" <\"$0.in\" >\"$0.out\") & echo $!";
        Id = int.Parse(GdbRun.Run("sh", ["-c", start, program]), CultureInfo.InvariantCulture);
        _input = new StreamWriter(input) { AutoFlush = true };
        _output = new StreamReader(output);
        Assert.Equal("ready", Answer());
    }

    public int Id { get; }

    public LiveProcess Live => LiveProcess.Get(Id);

    public ulong AddressOf(string symbol)
    {
        using DebugTarget target = DebugTarget.Of(Live, new DebugFileSearch { Roots = [] });
        return target.Program.FindSymbol(symbol)!.Value.Address + target.Program.Bias;
    }

    public void Give(char what) => _input.Write(what);

    public string? Answer() => _output.ReadLine();

    public Task<string?> AnswerAsync() => Task.Run(Answer);

    public void Signal(string name) => GdbRun.Run("kill", ["-" + name, Id.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Lets the program go on until something of a kind happens; nothing may happen to it that ends it.</summary>
    public static T GoOnUntil<T>(Inferior inferior)
        where T : InferiorNews
    {
        while (true)
        {
            InferiorNews news = inferior.Next();
            if (news is T found)
                return found;
            Assert.False(news is ExitNews or KilledNews or SignalNews { Signal: not ChildEnded }, $"{news}");
            if (news.Thread is { IsStopped: true } thread)
                inferior.Resume(thread);
        }
    }

    /// <summary>That the program goes on: it answers.</summary>
    public void AssertAnswers()
    {
        Give('a');
        Assert.Equal("a 0 0", Answer());
    }

    public void Dispose()
    {
        if (LiveProcess.Find(Id) is { IsAlive: true })
            Signal("KILL");
        _input.Dispose();
        _output.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
