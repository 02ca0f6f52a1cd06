namespace Virtap.Cli.Recorders;

/// <summary>
/// What a recorder has written and nobody has fetched yet. Whoever adds to it never waits: where there is no room the oldest goes, and is
/// counted.
/// </summary>
/// <param name="capacity">How many bytes of text it keeps.</param>
internal sealed class RecordedOutput(long capacity)
{
    private readonly LinkedList<RecordedText> _texts = new();
    private long _bytes;
    private long _lost;
    private int? _status;

    /// <summary>Keeps a text.</summary>
    public void Add(RecorderNews kind, ReadOnlySpan<byte> text)
    {
        lock (_texts)
        {
            _texts.AddLast(new RecordedText(kind, text.ToArray()));
            _bytes += text.Length;
            while (_bytes > capacity && _texts.Count > 1)
                DropOldest();
            Monitor.PulseAll(_texts);
        }
    }

    /// <summary>Nothing will be added any more.</summary>
    /// <param name="status">The session's exit status.</param>
    public void End(int status)
    {
        lock (_texts)
        {
            _status = status;
            Monitor.PulseAll(_texts);
        }
    }

    /// <summary>Has whoever waits look whether it still wants to.</summary>
    public void Wake()
    {
        lock (_texts)
            Monitor.PulseAll(_texts);
    }

    /// <summary>Waits for the oldest text, which stays here until it is <see cref="Remove"/>d: who fetches may die of it.</summary>
    /// <param name="isGone">Whether nobody waits any more.</param>
    /// <returns>The text, and how many bytes before it are lost and untold yet; null at the end.</returns>
    public (RecordedText? Text, long Lost) Peek(Func<bool> isGone)
    {
        lock (_texts)
        {
            while (_texts.Count == 0 && _status is null && !isGone())
                Monitor.Wait(_texts);
            return (isGone() ? null : _texts.First?.Value, _lost);
        }
    }

    /// <summary>A text has been fetched, and it has been told what was lost before it.</summary>
    public void Remove(RecordedText? text, long toldLost)
    {
        lock (_texts)
        {
            _lost -= toldLost;
            if (text is not null && _texts.First?.Value == text)
            {
                _texts.RemoveFirst();
                _bytes -= text.Bytes.Length;
            }
        }
    }

    /// <summary>The session's exit status; null while it runs.</summary>
    public int? Status
    {
        get
        {
            lock (_texts)
                return _status;
        }
    }

    // What is left begins with a whole line, where the text has lines: of one that has begun in what goes the rest goes too.
    private void DropOldest()
    {
        RecordedText dropped = _texts.First!.Value;
        _texts.RemoveFirst();
        long lost = dropped.Bytes.Length;
        RecordedText next = _texts.First.Value;
        int end = next.Bytes.Span.IndexOf((byte)'\n') + 1;
        if (next.Kind == dropped.Kind && dropped.Bytes.Span[^1] != '\n' && end > 0)
        {
            _texts.RemoveFirst();
            if (end < next.Bytes.Length)
                _texts.AddFirst(next with { Bytes = next.Bytes[end..] });
            lost += end;
        }

        _bytes -= lost;
        _lost += lost;
    }
}

/// <summary>A part of a recorder's output.</summary>
/// <param name="Kind">Standard output's, or standard error's.</param>
/// <param name="Bytes">The text; never empty.</param>
internal sealed record RecordedText(RecorderNews Kind, ReadOnlyMemory<byte> Bytes);
