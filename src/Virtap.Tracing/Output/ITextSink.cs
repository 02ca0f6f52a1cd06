namespace Virtap.Tracing.Output;

/// <summary>
/// Takes formatted text piece by piece. The two ways of adding are those of the eBPF routines: a sink of bounded length counts an <see cref="Append"/> that does not
/// fit whole as a cut string, and clips a <see cref="Fill"/> without a word.
/// </summary>
public interface ITextSink
{
    /// <summary>Adds bytes.</summary>
    void Append(scoped ReadOnlySpan<byte> text);

    /// <summary>Adds one byte so many times; none for a count below one.</summary>
    void Fill(byte value, int count);
}
