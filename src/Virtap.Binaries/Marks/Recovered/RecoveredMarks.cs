using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks.TraceEvents;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// The trace events of a QEMU that was built with the <c>log</c> backend, as marks recovered from its code. Each site is the conditional
/// jump by which the code decides whether any event is on: it is executed each time the program comes by the event, and never changes
/// anything in QEMU.
/// One mark by name takes some milliseconds, all of them a fraction of a second; each is worked out once. Not for several threads at once.
/// </summary>
/// <remarks>
/// No mark is ever half recovered: an event of which one place in the code cannot be told, or an argument of which the value is not
/// certain, is left out with the reason.
/// </remarks>
public sealed class RecoveredMarks
{
    /// <summary>The provider of all of them.</summary>
    public const string Provider = "qemu";

    private readonly ElfFile _file;
    private readonly QemuTracing _tracing;
    private readonly TraceEventTable? _declarations;
    private readonly TracedCode? _code;
    private readonly Dictionary<string, Recovery> _known = [];

    private RecoveredMarks(ElfFile file, QemuTracing tracing, TraceEventTable? declarations)
    {
        _file = file;
        _tracing = tracing;
        _declarations = declarations;
        _code = TracedCode.TryOpen(file, tracing);
    }

    /// <summary>The names of all events, also of those that the code does not use, in order.</summary>
    public IReadOnlyList<string> Names => field ??= [.. _tracing.Events().Select(e => e.Name).Order(StringComparer.Ordinal)];

    /// <summary>Opens a QEMU's marks.</summary>
    /// <param name="file">The file, which stays the caller's.</param>
    /// <param name="declarations">
    /// The declarations of its events, for names and types of arguments; without them, both are taken from the text that is logged.
    /// </param>
    /// <returns>Null where the file is no QEMU with the <c>log</c> trace backend.</returns>
    /// <exception cref="ElfFormatException">The file's symbols are damaged.</exception>
    public static RecoveredMarks? TryOpen(ElfFile file, TraceEventTable? declarations)
        => QemuTracing.TryFind(file) is { } tracing ? new RecoveredMarks(file, tracing, declarations) : null;

    /// <summary>Recovers one mark.</summary>
    /// <param name="name">The event's whole name.</param>
    /// <returns>Null where there is none; <see cref="WhyMissing"/> then tells why.</returns>
    public Mark? Find(string name) => Recover(name).Mark;

    /// <summary>Says, for people, why there is no mark of that name.</summary>
    /// <returns>Null where there is one.</returns>
    public string? WhyMissing(string name) => Recover(name).Missing;

    /// <summary>Recovers all marks, in order of name.</summary>
    public IReadOnlyList<Mark> All()
    {
        if (_code is not null)
        {
            List<(string Name, ulong State)> events = [.. _tracing.Events().Where(e => !_known.ContainsKey(e.Name))];
            ILookup<ulong, RecoveredEvent> recovered = _code.Recover(events);
            foreach ((string name, ulong state) in events)
                _known[name] = Conclude(name, [.. recovered[state]]);
        }

        return [.. Names.Select(name => Recover(name).Mark).OfType<Mark>()];
    }

    private Recovery Recover(string name)
    {
        if (!_known.TryGetValue(name, out Recovery? recovery))
            _known[name] = recovery = Find(name, out ulong state) is string problem
                ? new Recovery(null, problem) : Conclude(name, _code!.Recover(name, state));
        return recovery;
    }

    /// <summary>Finds an event's state, or says what stands against it.</summary>
    private string? Find(string name, out ulong state)
    {
        if (!_tracing.TryFindState(name, out state))
            return "this QEMU has no such trace event";
        return _code is null ? "the file has no table of its functions (.eh_frame_hdr), without which its code is not followed" : null;
    }

    private Recovery Conclude(string name, IReadOnlyList<RecoveredEvent> parts)
    {
        if (parts.Count == 0)
            return new Recovery(null, "this QEMU's code does not use the event");
        if (parts.SelectMany(p => p.Failures).FirstOrDefault() is string failure)
            return new Recovery(null, failure);
        List<EventSite> found = [.. parts.SelectMany(p => p.Sites).OrderBy(site => site.Address)];
        if (found.Count == 0)
            return new Recovery(null, "it is decided about only while it is on");
        if (found[0].Message.Format.EventName != name)
            return new Recovery(null, $"this QEMU has no such trace event, but {found[0].Message.Format.EventName}");

        TraceEvent? declaration = null;
        _declarations?.TryFind(name, out declaration);
        List<MarkSite> sites = [];
        foreach (EventSite site in found)
        {
            if (!_file.TryFileOffset(site.Address, out ulong offset))
                return new Recovery(null, "its code is not in the file");
            sites.Add(new MarkSite(site.Address, offset, 0, EventArguments.Of(site.Message, declaration), site.Condition));
        }

        return new Recovery(new Mark(Provider, name, MarkOrigin.Recovered, sites) { Format = found[0].Message.Format.Text }, null);
    }

    /// <summary>A mark, or why there is none.</summary>
    private sealed record Recovery(Mark? Mark, string? Missing);
}
