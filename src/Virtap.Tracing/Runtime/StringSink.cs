namespace Virtap.Tracing.Runtime;

/// <summary>A string that is being built in its slot; always whole, with the zeros behind its end.</summary>
internal ref struct StringSink : ITextSink
{
    private readonly Span<byte> _slot;
    private readonly int _max;
    private int _length;

    public StringSink(Span<byte> slot, int max, int length)
    {
        _slot = slot;
        _max = max;
        _length = length;
        Close();
    }

    /// <summary>How often something was appended that did not fit whole.</summary>
    public int Cuts { get; private set; }

    public void Append(scoped ReadOnlySpan<byte> text)
    {
        int room = _max - _length;
        if (text.Length > room)
        {
            Cuts++;
            text = text[..room];
        }

        text.CopyTo(_slot[_length..]);
        _length += text.Length;
        Close();
    }

    public void Fill(byte value, int count)
    {
        count = Math.Min(count, _max - _length);
        if (count <= 0)
            return;
        _slot.Slice(_length, count).Fill(value);
        _length += count;
        Close();
    }

    private readonly void Close() => _slot.Slice(_length, 8).Clear();
}
