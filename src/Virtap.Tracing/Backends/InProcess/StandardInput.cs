using Virtap.Interop;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// Reads this process's standard input for handlers, each character or each line, as it comes. A terminal is asked for characters as they
/// are typed, where handlers want those, and is put back at the end.
/// </summary>
internal sealed unsafe class StandardInput : IDisposable
{
    private const int Input = 0, MaxChunk = 4096;
    private const byte LineEnd = (byte)'\n';

    private readonly Errands _errands;
    private readonly int _mostOfLine;
    private readonly Action<byte[]> _onCharacter;
    private readonly Action<byte[]> _onLine;
    private readonly TerminalMode? _mode;

    /// <summary>Takes what is to be done.</summary>
    /// <param name="errands">Where handlers are run.</param>
    /// <param name="mostOfLine">Bytes of a line that are kept; the others are left out.</param>
    /// <param name="onCharacter">Takes each character; null where nobody wants them.</param>
    /// <param name="onLine">Takes each line with its end.</param>
    public StandardInput(Errands errands, int mostOfLine, Action<byte[]>? onCharacter, Action<byte[]> onLine)
    {
        (_errands, _mostOfLine, _onCharacter, _onLine) = (errands, mostOfLine, onCharacter ?? (static _ => { }), onLine);
        _mode = onCharacter is null ? null : TerminalMode.Unbuffer(Input);
        // A thread that waits for input ends with the process.
        new Thread(ReadAll) { IsBackground = true, Name = "input" }.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => _mode?.Dispose();

    private void ReadAll()
    {
        List<byte> line = [];
        byte* chunk = stackalloc byte[MaxChunk];
        while (true)
        {
            nint length = Libc.Read(Input, chunk, MaxChunk);
            if (length < 0 && Errno.Last == Errno.Interrupted)
                continue;
            if (length <= 0)
                return;
            byte[] bytes = new ReadOnlySpan<byte>(chunk, (int)length).ToArray();
            if (!_errands.Ask(() => Take(bytes, line)))
                return;
        }
    }

    private void Take(byte[] bytes, List<byte> line)
    {
        foreach (byte each in bytes)
        {
            _onCharacter([each]);
            if (line.Count < _mostOfLine)
                line.Add(each);
            if (each != LineEnd)
                continue;
            _onLine([.. line]);
            line.Clear();
        }
    }
}
