using Virtap.Processes.Stops;
using Virtap.Processes.Tracees;

namespace Virtap.Processes.Control;

/// <summary>
/// Processes that one thread traces together: those it has attached to, and all that they make. All calls but <see cref="Interrupt"/> are
/// to be made by that thread; it has to end in <see cref="Detach"/>, as for an <see cref="Inferior"/>.
/// </summary>
/// <param name="ledger">Who is told of breakpoints; null for nobody.</param>
/// <param name="stopsAtSystemCalls">Whether threads stop where system calls begin and end.</param>
public sealed class InferiorFamily(IBreakpointLedger? ledger, bool stopsAtSystemCalls) : IDisposable
{
    private readonly TraceeWaiter _news = new();
    private readonly List<Inferior> _members = [];
    private volatile bool _isInterrupted;

    /// <summary>The processes, in the order in which they came.</summary>
    public IReadOnlyList<Inferior> Members => _members;

    internal bool StopsAtSystemCalls => stopsAtSystemCalls;

    /// <summary>What has stopped before it was told of: threads and children that were just made.</summary>
    internal HashSet<int> Early { get; } = [];

    /// <summary>Begins to trace a process, and stops it.</summary>
    /// <exception cref="ThreadStopException">It cannot be traced.</exception>
    public Inferior Attach(LiveProcess process)
    {
        Inferior inferior = Inferior.Attach(process, ledger, this);
        _members.Add(inferior);
        return inferior;
    }

    /// <summary>The member that is a process; null where it is none.</summary>
    public Inferior? Find(int processId) => _members.Find(each => each.Process.Id == processId);

    /// <summary>Asks, from whatever thread, that <see cref="Next"/> returns.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        _news.Wake();
    }

    /// <summary>
    /// Waits for what happens next. The thread that it happens to stands still until <see cref="Inferior.Resume"/>; the others do as they
    /// did.
    /// </summary>
    /// <returns>Null where it was interrupted, or no member is left.</returns>
    public (Inferior Member, InferiorNews News)? Next()
    {
        while (true)
        {
            for (int n = 0; n < _members.Count; n++)
            {
                Inferior member = _members[n];
                if (member.TakeKept() is { } kept)
                    return (member, kept);
            }

            TraceeNews? news = _isInterrupted ? null : _news.Wait();
            if (news is null)
            {
                if (!_isInterrupted && _members.Find(static each => each.IsLost) is { } lost)
                    return (lost, lost.EndUnheard());
                bool isOver = _isInterrupted || _members.Count == 0;
                _isInterrupted = false;
                if (isOver)
                    return null;
                continue;
            }

            if (_members.Find(each => each.Has(news.Value.ThreadId)) is { } owner)
            {
                if (owner.Read(news.Value) is { } found)
                    return (owner, found);
            }
            else if (news.Value.IsStop)
            {
                Early.Add(news.Value.ThreadId);
            }
            else
            {
                Early.Remove(news.Value.ThreadId);
            }
        }
    }

    /// <summary>Takes all breakpoints out and lets all threads go on untraced, with the signals that were on their way to them.</summary>
    public void Detach()
    {
        // Those that others make meanwhile join.
        for (int n = 0; n < _members.Count; n++)
            _members[n].Settle();
        List<Inferior> members = [.. _members];
        members.ForEach(static each => each.ClearSites());
        members.ForEach(static each => each.LetAllGo());
        foreach (int child in Early)
            new Tracee(child, child).Detach(0);
        Early.Clear();
        _members.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detach();
        _news.Dispose();
    }

    internal void Join(Inferior member) => _members.Add(member);

    internal void Leave(Inferior member) => _members.Remove(member);
}
