using System.Text;

namespace Virtap.Tracing.Runtime;

/// <summary>Bytes of text that grow at their end; reused, so that a record costs no allocation.</summary>
public sealed class TextBuffer
{
    private byte[] _bytes = new byte[1024];

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The text so far; valid until the next change.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        Length += text.Length;
    }

    /// <summary>Adds characters in UTF-8.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        Span<byte> room = Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, room);
    }

    /// <summary>Adds one byte so many times; none for a count below one.</summary>
    public void Fill(byte value, int count)
    {
        if (count <= 0)
            return;
        Reserve(count)[..count].Fill(value);
        Length += count;
    }

    /// <summary>Forgets what was added after so many bytes.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>The same buffer as <see cref="TextFormatter"/> wants it.</summary>
    public TextBufferSink AsSink() => new(this);

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(Length + count)));
        return _bytes.AsSpan(Length);
    }
}

/// <summary>
/// Takes formatted text piece by piece. The two ways of adding are those of the eBPF routines: a sink of bounded length counts an <see
/// cref="Append"/> that does not fit whole as a cut string, and clips a <see cref="Fill"/> without a word.
/// </summary>
public interface ITextSink
{
    /// <summary>Adds bytes.</summary>
    void Append(scoped ReadOnlySpan<byte> text);

    /// <summary>Adds one byte so many times; none for a count below one.</summary>
    void Fill(byte value, int count);
}

/// <summary>A <see cref="TextBuffer"/> as a sink: a structure, so that the formatter's code is made for it and calls it directly.</summary>
public readonly struct TextBufferSink(TextBuffer buffer) : ITextSink
{
    /// <inheritdoc/>
    public void Append(scoped ReadOnlySpan<byte> text) => buffer.Append(text);

    /// <inheritdoc/>
    public void Fill(byte value, int count) => buffer.Fill(value, count);
}
