using System.Buffers.Binary;
using System.Net.Sockets;

namespace Virtap.Cli.Recorders;

/// <summary>Lets people come to a recorder, one after the other, to fetch what it has recorded or to end it.</summary>
/// <param name="listener">Where they come; disposed of here.</param>
/// <param name="output">What is recorded.</param>
/// <param name="end">Ends the session, on whatever thread and however often.</param>
internal sealed class RecorderServer(Socket listener, RecordedOutput output, Action end) : IDisposable
{
    private readonly ManualResetEventSlim _isDone = new();
    private int _fetching;

    /// <summary>Begins to let them in.</summary>
    public void Start() => new Thread(Accept) { IsBackground = true }.Start();

    /// <summary>Whether somebody fetches just now.</summary>
    public bool IsFetched => Volatile.Read(ref _fetching) != 0;

    /// <summary>Waits until all has been fetched, or nobody wants it.</summary>
    public void WaitUntilDone() => _isDone.Wait();

    /// <inheritdoc/>
    public void Dispose()
    {
        listener.Dispose();
        _isDone.Dispose();
    }

    private void Accept()
    {
        while (true)
        {
            try
            {
                Socket visitor = listener.Accept();
                new Thread(() => Receive(visitor)) { IsBackground = true }.Start();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Receive(Socket visitor)
    {
        using var stream = new NetworkStream(visitor, ownsSocket: true);
        try
        {
            if (!RecorderChannel.MayTalk(visitor))
                return;
            switch ((RecorderWish)stream.ReadByte())
            {
                case RecorderWish.Fetch or RecorderWish.Delete when Interlocked.Exchange(ref _fetching, 1) != 0:
                    RecorderChannel.Send(stream, RecorderNews.Busy, []);
                    return;
                case RecorderWish.Fetch:
                    Fetch(stream);
                    return;
                case RecorderWish.Delete:
                    end();
                    while (output.Peek(static () => false) is (RecordedText text, var lost))
                        output.Remove(text, lost);
                    Finish(stream);
                    return;
            }
        }
        catch (IOException)
        {
            // They have gone: what they have not fetched waits for the next.
            Volatile.Write(ref _fetching, 0);
        }
    }

    private void Fetch(NetworkStream stream)
    {
        bool isGone = false;
        int sent = 0, taken = 0;
        // Not disposed of: the listener may still use it when this has ended.
        var news = new SemaphoreSlim(0);
        var listener = new Thread(() =>
        {
            try
            {
                while ((RecorderWish)stream.ReadByte() is (RecorderWish.End or RecorderWish.Taken) and var wish)
                {
                    if (wish == RecorderWish.End)
                    {
                        end();
                        continue;
                    }

                    Interlocked.Increment(ref taken);
                    news.Release();
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // As good as the end of it.
            }

            Volatile.Write(ref isGone, true);
            output.Wake();
            news.Release();
        }) { IsBackground = true };
        listener.Start();
        Span<byte> count = stackalloc byte[sizeof(long)];
        while (true)
        {
            (RecordedText? text, long lost) = output.Peek(() => Volatile.Read(ref isGone));
            if (Volatile.Read(ref isGone))
                throw new IOException("nobody fetches any more");
            if (lost > 0)
            {
                BinaryPrimitives.WriteInt64LittleEndian(count, lost);
                RecorderChannel.Send(stream, RecorderNews.Lost, count);
            }

            // What they have not taken when they go is for the next.
            if (text is not null)
            {
                RecorderChannel.Send(stream, text.Kind, text.Bytes.Span);
                news.Wait();
                if (Volatile.Read(ref taken) != ++sent)
                    throw new IOException("nobody fetches any more");
            }

            output.Remove(text, lost);
            if (text is not null)
                continue;
            Finish(stream);
            return;
        }
    }

    private void Finish(NetworkStream stream)
    {
        try
        {
            RecorderChannel.Send(stream, RecorderNews.Ended, [(byte)output.Status!.Value]);
        }
        finally
        {
            _isDone.Set();
        }
    }
}
