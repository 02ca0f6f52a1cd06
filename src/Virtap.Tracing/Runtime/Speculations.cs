namespace Virtap.Tracing.Runtime;

/// <summary>Output that is held back under numbers until a script commits or discards it.</summary>
internal sealed class Speculations
{
    /// <summary>Bytes that are held back at most, in all.</summary>
    private const int MaxBytes = 16 << 20;

    private readonly Dictionary<long, List<byte[]>> _held = [];
    private int _bytes;

    /// <summary>Holds a text back; false where there is no more room.</summary>
    public bool TryAdd(long number, ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxBytes - _bytes)
            return false;

        if (!_held.TryGetValue(number, out List<byte[]>? texts))
            _held[number] = texts = [];
        texts.Add(text.ToArray());
        _bytes += text.Length;
        return true;
    }

    /// <summary>Takes what is held back under a number, in the order in which it came.</summary>
    public IReadOnlyList<byte[]> Take(long number)
    {
        if (!_held.Remove(number, out List<byte[]>? texts))
            return [];
        _bytes -= texts.Sum(static text => text.Length);
        return texts;
    }
}
