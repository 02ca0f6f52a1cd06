using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Cli.DebugAdapter;

/// <summary>
/// Where the client reads, with an end to waiting for it. While a message waits for its reader the process that is debugged stands still,
/// and not because somebody wants it to: a client that has hung, or whose window is gone, would hold it for ever. Whoever has taken nothing
/// for <see cref="Patience"/> is taken for gone; once the session is to end, for <see cref="LastPatience"/>.
/// </summary>
/// <param name="file">The file.</param>
internal sealed unsafe class PatientOutput(SafeFileHandle file) : Stream
{
    /// <summary>To a pipe that can be written to, so many bytes go at once, without waiting: PIPE_BUF, pipe(7).</summary>
    private const int Piece = 4096;

    // How soon it is noticed that the session is to end.
    private const int LongestLook = 100;

    private volatile bool _isEnding, _isGone;

    /// <summary>How long an editor may take; one that is busy with something else takes seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the last words may take.</summary>
    public TimeSpan LastPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The session is to end: no more patience than for the last words, with what is being written as well.</summary>
    public void Hurry() => _isEnding = true;

    /// <summary>Writes, and waits for a reader as long as it takes one.</summary>
    /// <exception cref="IOException">There is none, or none any more.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            AwaitRoom();
            int written;
            fixed (byte* bytes = buffer)
                written = (int)Libc.Write((int)file.DangerousGetHandle(), bytes, (nuint)Math.Min(buffer.Length, Piece));
            if (written < 0 && Errno.Last is not (Errno.Interrupted or Errno.TryAgain))
                throw Gone(Errno.Text(Errno.Last));
            buffer = buffer[Math.Max(written, 0)..];
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }

    private void AwaitRoom()
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            if (_isGone)
                throw new IOException("nobody reads");
            var entry = new PollEntry { File = (int)file.DangerousGetHandle(), Events = PollEntry.Writable };
            // An error is the write's to tell.
            if (Libc.Poll(&entry, 1, LongestLook) > 0)
                return;
        }
        while (Stopwatch.GetElapsedTime(start) < (_isEnding ? LastPatience : Patience));
        throw Gone("nobody reads");
    }

    private IOException Gone(string reason)
    {
        _isGone = true;
        return new IOException(reason);
    }
}
