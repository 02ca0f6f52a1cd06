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
using Virtap.Watch.Logpoints;

namespace Virtap.Watch.Marks;

/// <summary>
/// Finds out whether a mark that a script asks for, or a function that a logpoint is at, stays silent while a mark fires that says the same
/// (<see cref="MarkSuccessor"/>): which of them QEMU passes depends on its version and on who serves the queue. All of them are counted for
/// two seconds now and then, the first time after three, until one of those that were asked for has fired, or another one has.
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
    /// <param name="devices">
    /// The addresses that the script was given. Where one of them is a device's that notifies, only that device counts: others may well
    /// pass the mark that this one does not.
    /// </param>
    /// <param name="tell">Told of a mark that is silent; from another thread, once for each program.</param>
    /// <returns>The watch; null where there is nothing to watch for.</returns>
    public static SilentMarkWatch? Start(CompiledScript script, IReadOnlyCollection<ulong> devices, Action<SilentMark> tell)
    {
        Question[] questions =
        [
            .. script.Program.Handlers.SelectMany(handler => handler.Targets).OfType<MarkTarget>()
                .Where(target => MarkSuccessor.Of(target.Mark.Name).Count > 0)
                .GroupBy(target => (target.Binary.Path, target.Process))
                .Select(group => Ask(group.First(), [.. group.Select(target => target.Mark.Name).Distinct()], devices))
                .Where(question => question.Others.Length > 0),
        ];
        return questions.Length == 0 ? null : new SilentMarkWatch(questions, tell);
    }

    /// <summary>Begins, where a logpoint is at a function for which a mark may stand in.</summary>
    /// <param name="logpoint">The logpoint.</param>
    /// <param name="function">What the function is called.</param>
    /// <param name="tell">Told, from another thread, where nobody comes to it.</param>
    /// <returns>The watch; null where there is nothing to watch for.</returns>
    public static SilentMarkWatch? Start(Logpoint logpoint, string function, Action<SilentMark> tell)
    {
        if (logpoint.Location.Image?.File is not { } file)
            return null;
        string process = logpoint.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] others = OthersOf([function], new MarkCatalog(file));
        return others.Length == 0 ? null : new SilentMarkWatch(
            [
                new Question(logpoint.Location.Image.Name)
                {
                    Asked = [function], Others = others, Points = [logpoint.Point, .. others.Select(name => PointOf(process, name))],
                    Process = logpoint.ProcessId,
                },
            ], tell);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        _threads.ForEach(thread => thread.Join());
        _stop.Dispose();
    }

    private static Question Ask(MarkTarget target, IReadOnlyList<string> asked, IReadOnlyCollection<ulong> devices)
    {
        string program = target.Process is { } id ? id.ToString(CultureInfo.InvariantCulture) : $"\"{target.Binary.Path}\"";
        string[] others = OthersOf(asked, target.Binary.Marks);
        return new Question(target.Binary.Path)
        {
            Asked = asked, Others = others, Points = [.. asked.Concat(others).Select(name => PointOf(program, name))], Devices = devices,
        };
    }

    private static string[] OthersOf(IReadOnlyList<string> asked, MarkCatalog marks) =>
    [
        .. asked.SelectMany(MarkSuccessor.Of).Select(successor => successor.Name).Distinct().Except(asked)
            .Where(name => marks.Find(new MarkPattern(name)).Any()),
    ];

    private static string PointOf(string program, string mark) => $"process({program}).mark(\"{mark}\")";

    private void Watch(Question question, Action<SilentMark> tell)
    {
        for (TimeSpan pause = s_patience; !_stop.Wait(pause); pause = pause * 2 < s_longest ? pause * 2 : s_longest)
        {
            try
            {
                (long[] hits, ulong? device) = Count(question);
                if (_stop.IsSet || hits[..question.Asked.Count].Sum() > 0)
                    return;
                int busiest = Enumerable.Range(question.Asked.Count, question.Others.Length).MaxBy(n => hits[n]);
                if (hits[busiest] == 0)
                    continue;
                string firing = question.Others[busiest - question.Asked.Count];
                tell(new SilentMark(question.Program, question.Asked, firing, hits[busiest]) { Device = device });
                return;
            }
            catch (Exception e) when (e is WatchException or ProcessException)
            {
                // The process has ended, or the kernel refuses; the session itself says what matters of that.
                return;
            }
        }
    }

    private (long[] Hits, ulong? Device) Count(Question question)
    {
        using CountingScript script = CountingScript.Start(
            question.Script, new CountingOptions { Arguments = [], TargetProcess = question.Process, Warn = static _ => { } });
        _stop.Wait(Window);
        GlobalElement[] elements = [.. script.Look().Elements("hits")];
        ulong? device = question.Devices.Cast<ulong?>().FirstOrDefault(each => elements.Any(element => (ulong)element.Keys[1] == each));
        long[] hits = new long[question.Points.Count];
        foreach (GlobalElement element in elements.Where(element => device is null || (ulong)element.Keys[1] == device))
            hits[element.Keys[0]] += element.Value;
        return (hits, device);
    }

    /// <summary>Which places of a program to count.</summary>
    /// <param name="Program">Its path.</param>
    private sealed record Question(string Program)
    {
        /// <summary>The marks that the script asks for, or the logpoint's function.</summary>
        public required IReadOnlyList<string> Asked { get; init; }

        /// <summary>The marks that may fire in their place.</summary>
        public required string[] Others { get; init; }

        /// <summary>Where all of them are, those that were asked for first.</summary>
        public required IReadOnlyList<string> Points { get; init; }

        /// <summary>The process by whose view of the file system the points are named; null for this one's.</summary>
        public int? Process { get; init; }

        /// <summary>The devices that may be meant.</summary>
        public IReadOnlyCollection<ulong> Devices { get; init; } = [];

        // The device is each mark's first argument.
        public SourceText Script
        {
            get
            {
                var text = new StringBuilder("global hits\n");
                foreach ((int index, string point) in Points.Index())
                {
                    string device = point.Contains(".mark(", StringComparison.Ordinal) ? "@defined($arg1) ? $arg1 : 0" : "0";
                    text.Append(CultureInfo.InvariantCulture, $"probe {point} {{ hits[{index}, {device}]++ }}\n");
                }

                return new SourceText("silent-marks", text.ToString());
            }
        }
    }
}

/// <summary>Marks that a script asked for, or a function that a logpoint is at, with no hit while another mark fires.</summary>
/// <param name="Program">The program's path.</param>
/// <param name="Silent">Their names.</param>
/// <param name="Firing">The one that fires.</param>
/// <param name="Hits">How often it did in <see cref="SilentMarkWatch.Window"/>.</param>
public sealed record SilentMark(string Program, IReadOnlyList<string> Silent, string Firing, long Hits)
{
    /// <summary>The device, by its address, of which that is true; null where it is of all that were seen.</summary>
    public ulong? Device { get; init; }
}
