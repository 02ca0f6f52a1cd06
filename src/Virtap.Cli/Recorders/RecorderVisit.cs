using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Virtap.Cli.Recorders;

/// <summary>Comes to a recorder: fetches what it has recorded and goes on to record, or deletes it.</summary>
/// <param name="socket">The way to it; disposed of here.</param>
internal sealed class RecorderVisit(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private volatile bool _isLeaving;

    /// <summary>Ends the recorder, and drops what nobody has fetched.</summary>
    /// <returns>How that went.</returns>
    public VisitEnd Delete()
    {
        Wish(RecorderWish.Delete);
        return Receive() switch
        {
            null => VisitEnd.Broken,
            (RecorderNews.Busy, _) => VisitEnd.Busy,
            _ => VisitEnd.Ended,
        };
    }

    /// <summary>
    /// Fetches until the recorder has no more to say. SIGINT, SIGTERM and SIGHUP end the session, whose last words are fetched too;
    /// SIGQUIT leaves it alone.
    /// </summary>
    /// <param name="take">Takes the script's output, what is for standard error, and how much is lost before what comes next.</param>
    /// <returns>How it ended, and the session's exit status where that is known.</returns>
    /// <exception cref="IOException">What comes cannot be written.</exception>
    public (VisitEnd End, int Status) Fetch(Action<RecorderNews, byte[], long> take)
    {
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Leave);
        Wish(RecorderWish.Fetch);
        while (Receive() is var (kind, bytes))
        {
            switch (kind)
            {
                case RecorderNews.Busy:
                    return (VisitEnd.Busy, 1);
                case RecorderNews.Ended when bytes is [var status]:
                    return (VisitEnd.Ended, status);
                case RecorderNews.Lost when bytes.Length == sizeof(long):
                    take(kind, [], BinaryPrimitives.ReadInt64LittleEndian(bytes));
                    break;
                default:
                    take(kind, bytes, 0);
                    Wish(RecorderWish.Taken);
                    break;
            }
        }

        return (_isLeaving ? VisitEnd.Left : VisitEnd.Broken, _isLeaving ? 0 : 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        Wish(RecorderWish.End);
    }

    private void Leave(PosixSignalContext context)
    {
        context.Cancel = true;
        _isLeaving = true;
        // What has arrived is still taken, and that is still said.
        socket.Shutdown(SocketShutdown.Receive);
    }

    private void Wish(RecorderWish wish)
    {
        try
        {
            _stream.WriteByte((byte)wish);
        }
        catch (IOException)
        {
            // It has gone, which shows when it is listened to.
        }
    }

    private (RecorderNews Kind, byte[] Bytes)? Receive()
    {
        try
        {
            return RecorderChannel.Receive(_stream);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>How a visit to a recorder ended.</summary>
internal enum VisitEnd
{
    /// <summary>The recorder has said all and is no more.</summary>
    Ended,

    /// <summary>The visitor was told to leave (SIGQUIT): the recorder goes on.</summary>
    Left,

    /// <summary>Somebody else is fetching.</summary>
    Busy,

    /// <summary>The recorder died.</summary>
    Broken,
}
