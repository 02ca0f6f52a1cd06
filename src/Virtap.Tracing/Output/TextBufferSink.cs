namespace Virtap.Tracing.Output;

/// <summary>A <see cref="TextBuffer"/> as a sink: a structure, so that the formatter's code is made for it and calls it directly.</summary>
public readonly struct TextBufferSink(TextBuffer buffer) : ITextSink
{
    /// <inheritdoc/>
    public void Append(scoped ReadOnlySpan<byte> text) => buffer.Append(text);

    /// <inheritdoc/>
    public void Fill(byte value, int count) => buffer.Fill(value, count);
}
