using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Interop;

namespace Virtap.Cli.Recorders;

/// <summary>
/// -F without -o: a recorder that keeps what its session writes in memory, and is there under a name, as SystemTap's modules are. What is
/// written to this process's standard output and error, whoever in it writes, goes through pipes into <see cref="RecordedOutput"/>. It
/// lives until its session has ended and all has been fetched; <c>staprun -d NAME</c> or a signal end it at once.
/// </summary>
internal sealed unsafe class MemoryRecorder : IDisposable
{
    private const int StandardOutput = 1, StandardError = 2, PipeBytes = 65536;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly RecordedOutput _output;
    private readonly Socket _listener;
    private readonly List<Thread> _readers = [];
    private readonly List<PosixSignalRegistration> _signals = [];
    private RecorderServer? _server;
    private volatile bool _isSignalled;

    private MemoryRecorder(string name, long capacity, Socket listener)
    {
        (Name, _listener, _output) = (name, listener, new RecordedOutput(capacity));
        Record(StandardOutput, RecorderNews.Output);
        // A second one does to this process what it does to any.
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
            _signals.Add(PosixSignalRegistration.Create(signal, _ => _isSignalled = true));
    }

    /// <summary>By which it is found.</summary>
    public string Name { get; }

    /// <summary>Makes one of this process.</summary>
    /// <param name="name">Its name; null for one as stap makes them, which ends in the process's id.</param>
    /// <param name="words">The command line.</param>
    /// <param name="capacity">How many bytes it keeps.</param>
    /// <exception cref="CommandException">There is one of that name.</exception>
    public static MemoryRecorder Create(string? name, IEnumerable<string> words, long capacity)
    {
        name ??= $"stap_{Convert.ToHexStringLower(Digest(words))}_{Environment.ProcessId}";
        return RecorderChannel.Listen(name) is { } listener ? new MemoryRecorder(name, capacity, listener)
            : throw new CommandException($"Couldn't insert module '{name}': File exists (staprun -A {name} fetches what it has recorded)");
    }

    /// <summary>Its probes are in place: from here its errors are recorded too, and people may come.</summary>
    /// <param name="end">Ends the session.</param>
    public void Open(Action end)
    {
        Record(StandardError, RecorderNews.Error);
        _server = new RecorderServer(_listener, _output, end);
        _server.Start();
    }

    /// <summary>The session has ended, and all has been written: waits until it has been fetched, or is not wanted.</summary>
    public void WaitUntilFetched(int status)
    {
        if (_server is null)
            return;
        StandardStreams.Output.Flush();
        StandardStreams.Error.Flush();
        int nowhere = Libc.Open("/dev/null", Libc.ReadWrite | Libc.CloseOnExec);
        _ = Libc.Duplicate(nowhere, StandardOutput);
        _ = Libc.Duplicate(nowhere, StandardError);
        // A program that the script has started may hold the pipes open for as long as it likes.
        foreach (Thread reader in _readers)
            reader.Join(s_patience);
        _output.End(status);
        // Somebody who has sent a signal wants it gone; who is fetching gets the rest.
        if (!_isSignalled || _server.IsFetched)
            _server.WaitUntilDone();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _server?.Dispose();
        _listener.Dispose();
    }

    /// <summary>Puts a pipe in a descriptor's place and keeps what comes through it.</summary>
    private void Record(int file, RecorderNews kind)
    {
        int* ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.CloseOnExec) != 0 || Libc.Duplicate(ends[1], file) < 0)
            throw new CommandException("what the script prints cannot be recorded: " + Errno.Text(Errno.Last));
        _ = Libc.Close(ends[1]);
        int from = ends[0];
        var reader = new Thread(() => Keep(from, kind)) { IsBackground = true };
        reader.Start();
        _readers.Add(reader);
    }

    private void Keep(int from, RecorderNews kind)
    {
        byte[] buffer = new byte[PipeBytes];
        while (true)
        {
            nint read;
            fixed (byte* start = buffer)
                read = Libc.Read(from, start, PipeBytes);
            if (read > 0)
                _output.Add(kind, buffer.AsSpan(0, (int)read));
            else if (read == 0 || Errno.Last != Errno.Interrupted)
                return;
        }
    }

    private static byte[] Digest(IEnumerable<string> words) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', words)))[..16];
}
