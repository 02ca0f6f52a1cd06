using System.Globalization;
using System.Text;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Catalog;
using Virtap.Language;
using Virtap.Processes.Access;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Session.Globals;
using Virtap.Watch.Counting;

namespace Virtap.Watch.Marks;

/// <summary>
/// Finds out whether a mark that a script asks for stays silent while another one fires that says the same (<see cref="MarkSuccessor"/>):
/// which of them QEMU passes depends on its version and on who serves the queue. All of them are counted for two seconds now and then, the
/// first time after three, until one of those that were asked for has fired, or another one has.
/// </summary>
public sealed class SilentMarkWatch : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3), s_longest = TimeSpan.FromMinutes(1);

    /// <summary>For how long the marks are counted each time.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(2);

    private readonly ManualResetEventSlim _stop = new();
    private readonly List<Thread> _threads = [];

    private SilentMarkWatch(IEnumerable<Question> questions, Action<SilentMark> tell)
    {
        foreach (Question question in questions)
        {
            var thread = new Thread(() => Watch(question, tell)) { Name = "silent marks", IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Begins, where a script asks for marks that others may stand in for.</summary>
    /// <param name="script">The script.</param>
    /// <param name="tell">Told of a mark that is silent; from another thread, once for each program.</param>
    /// <returns>The watch; null where there is nothing to watch for.</returns>
    public static SilentMarkWatch? Start(CompiledScript script, Action<SilentMark> tell)
    {
        Question[] questions =
        [
            .. script.Program.Handlers.SelectMany(handler => handler.Targets).OfType<MarkTarget>()
                .Where(target => MarkSuccessor.Of(target.Mark.Name).Count > 0)
                .GroupBy(target => (target.Binary.Path, target.Process))
                .Select(group => Ask(group.First(), [.. group.Select(target => target.Mark.Name).Distinct()]))
                .Where(question => question.Others.Count > 0),
        ];
        return questions.Length == 0 ? null : new SilentMarkWatch(questions, tell);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        _threads.ForEach(thread => thread.Join());
        _stop.Dispose();
    }

    private static Question Ask(MarkTarget target, IReadOnlyList<string> asked)
    {
        string[] others =
        [
            .. asked.SelectMany(MarkSuccessor.Of).Select(successor => successor.Name).Distinct().Except(asked)
                .Where(name => target.Binary.Marks.Find(new MarkPattern(name)).Any()),
        ];
        string program = target.Process is { } id ? id.ToString(CultureInfo.InvariantCulture) : $"\"{target.Binary.Path}\"";
        return new Question(target.Binary.Path, program, asked, others);
    }

    private void Watch(Question question, Action<SilentMark> tell)
    {
        for (TimeSpan pause = s_patience; !_stop.Wait(pause); pause = pause * 2 < s_longest ? pause * 2 : s_longest)
        {
            try
            {
                long[] hits = Count(question);
                if (_stop.IsSet || hits[..question.Asked.Count].Sum() > 0)
                    return;
                int busiest = Enumerable.Range(question.Asked.Count, question.Others.Count).MaxBy(n => hits[n]);
                if (hits[busiest] == 0)
                    continue;
                tell(new SilentMark(question.Program, question.Asked, question.Names[busiest], hits[busiest]));
                return;
            }
            catch (Exception e) when (e is WatchException or ProcessException)
            {
                // The process has ended, or the kernel refuses; the session itself says what matters of that.
                return;
            }
        }
    }

    private long[] Count(Question question)
    {
        using CountingScript script = CountingScript.Start(question.Script, new CountingOptions { Arguments = [], Warn = static _ => { } });
        _stop.Wait(Window);
        GlobalsSnapshot globals = script.Look();
        long[] hits = new long[question.Names.Count];
        foreach (GlobalElement element in globals.Elements("hits"))
            hits[element.Keys[0]] = element.Value;
        return hits;
    }

    /// <summary>Which marks of a program to count.</summary>
    /// <param name="Program">Its path.</param>
    /// <param name="Process">How a script names it, or the one process of it that is meant.</param>
    /// <param name="Asked">The marks that the script asks for.</param>
    /// <param name="Others">Those that may fire in their place.</param>
    private sealed record Question(string Program, string Process, IReadOnlyList<string> Asked, IReadOnlyList<string> Others)
    {
        public IReadOnlyList<string> Names { get; } = [.. Asked, .. Others];

        public SourceText Script
        {
            get
            {
                var text = new StringBuilder("global hits\n");
                foreach ((int index, string name) in Names.Index())
                    text.Append(CultureInfo.InvariantCulture, $"probe process({Process}).mark(\"{name}\") {{ hits[{index}]++ }}\n");
                return new SourceText("silent-marks", text.ToString());
            }
        }
    }
}

/// <summary>Marks that a script asked for and that stay silent while another one fires.</summary>
/// <param name="Program">The program's path.</param>
/// <param name="Silent">Their names.</param>
/// <param name="Firing">The one that fires.</param>
/// <param name="Hits">How often it did in <see cref="SilentMarkWatch.Window"/>.</param>
public sealed record SilentMark(string Program, IReadOnlyList<string> Silent, string Firing, long Hits);
