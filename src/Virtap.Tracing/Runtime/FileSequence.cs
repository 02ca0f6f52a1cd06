namespace Virtap.Tracing.Runtime;

/// <summary>Files that follow each other as output fills them: <c>PATH.0</c>, <c>PATH.1</c>.</summary>
internal sealed class FileSequence : IDisposable
{
    private readonly string _path;
    private readonly long _bytes;
    private readonly int _kept;
    private OutputWriter _current;
    private long _written;
    private long _number;

    /// <summary>Opens the first file.</summary>
    /// <param name="path">What all names begin with.</param>
    /// <param name="bytes">When the next one is begun; a single write stays in one file.</param>
    /// <param name="kept">How many of them are kept, the oldest go; 0 for all.</param>
    /// <exception cref="OutputException">It cannot be opened for writing.</exception>
    public FileSequence(string path, long bytes, int kept)
    {
        (_path, _bytes, _kept) = (path, bytes, kept);
        _current = OutputWriter.ToFile(Name(0));
    }

    /// <summary>Writes into the file whose turn it is.</summary>
    /// <exception cref="IOException">It cannot be written, or opened.</exception>
    public void Write(ReadOnlySpan<byte> text)
    {
        if (_written > 0 && _written + text.Length > _bytes)
            Switch();
        _current.Write(text);
        _current.Complete();
        _written += text.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _current.Dispose();

    private void Switch()
    {
        _current.Dispose();
        _current = OutputWriter.ToFile(Name(++_number));
        _written = 0;
        if (_kept > 0 && _number >= _kept)
            File.Delete(Name(_number - _kept));
    }

    private string Name(long number) => $"{_path}.{number}";
}
