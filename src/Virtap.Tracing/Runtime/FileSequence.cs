namespace Virtap.Tracing.Runtime;

/// <summary>
/// Files that follow each other: as output fills them, or when somebody asks for the next one. Their names are <c>PATH.0</c>,
/// <c>PATH.1</c>; where nothing bounds them, the first is <c>PATH</c>.
/// </summary>
internal sealed class FileSequence : IDisposable
{
    private readonly string _path;
    private readonly long? _bytes;
    private readonly int _kept;
    private OutputWriter _current;
    private long _written;
    private long _number;

    /// <summary>Opens the first file.</summary>
    /// <param name="path">What all names begin with.</param>
    /// <param name="bytes">When the next one is begun; a single write stays in one file. Null: only when somebody asks for it.</param>
    /// <param name="kept">How many of them are kept, the oldest go; 0 for all.</param>
    /// <exception cref="OutputException">It cannot be opened for writing.</exception>
    public FileSequence(string path, long? bytes, int kept)
    {
        (_path, _bytes, _kept) = (path, bytes, kept);
        _current = OutputWriter.ToOneFile(Name(0));
    }

    /// <summary>Writes into the file whose turn it is.</summary>
    /// <exception cref="IOException">It cannot be written, or opened.</exception>
    public void Write(ReadOnlySpan<byte> text)
    {
        if (_written > 0 && _written + text.Length > _bytes)
            BeginNext();
        _current.Write(text);
        _current.Complete();
        _written += text.Length;
    }

    /// <summary>Ends the file whose turn it is, and begins the next.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public void BeginNext()
    {
        _current.Dispose();
        _current = OutputWriter.ToOneFile(Name(++_number));
        _written = 0;
        if (_kept > 0 && _number >= _kept)
            File.Delete(Name(_number - _kept));
    }

    /// <inheritdoc/>
    public void Dispose() => _current.Dispose();

    private string Name(long number) => number == 0 && _bytes is null ? _path : $"{_path}.{number}";
}
