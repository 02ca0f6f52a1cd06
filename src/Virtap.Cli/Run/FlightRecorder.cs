using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using Virtap.Cli.Commands;
using Virtap.Cli.Recorders;
using Virtap.Cli.Rendering;
using Virtap.Interop;
using Virtap.Processes.Commands;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Run;

/// <summary>
/// -F: the session runs in a process of its own that no terminal's end reaches. The process that was called waits until that one's probes
/// are in place, says how it is found and ends; what goes wrong before is told as ever. The recorder ends, in good order, by a signal.
/// With -o, what it has to say of a script goes to standard error where that is a file; else into the record, as with SystemTap, and what
/// cannot be written there (a full disk) to the system's log. Without -o, it keeps all that it says in memory
/// (<see cref="MemoryRecorder"/>).
/// </summary>
internal sealed class FlightRecorder : IDisposable
{
    /// <summary>Names to the recorder the pipe into which it says that its probes are in place.</summary>
    private const string PipeVariable = "VIRTAP_RECORDER_PIPE";

    private const string SystemLog = "/dev/log";
    private const int StandardOutput = 1, StandardError = 2;

    /// <summary>Megabytes that are kept in memory where -s does not say.</summary>
    private const int UsualMegabytes = 16;

    private readonly AnonymousPipeClientStream _caller;
    private readonly MemoryRecorder? _memory;

    /// <summary>Whether standard error stays what the caller's is: a file takes what the session says however long it runs.</summary>
    public bool KeepsErrors { get; }

    private FlightRecorder(string pipe, RunOptions options, IEnumerable<string> words)
    {
        _caller = new AnonymousPipeClientStream(PipeDirection.Out, pipe);
        // Neither a command of -c nor one of system() holds it open.
        _ = Libc.Control((int)_caller.SafePipeHandle.DangerousGetHandle(), Libc.SetDescriptorFlags, Libc.ClosedOnExec);
        _ = Libc.StartSession();
        if (options.OutputPath is null)
            _memory = MemoryRecorder.Create(options.ModuleName, words, (long)(options.BufferMegabytes ?? UsualMegabytes) << 20);
        KeepsErrors = _memory is not null || IsErrorAFile();
    }

    /// <summary>What this process is to a caller that has started it as a recorder; null where nobody has.</summary>
    /// <exception cref="CommandException">There is a recorder of that name.</exception>
    public static FlightRecorder? Own(RunOptions options, IEnumerable<string> words)
    {
        if (Environment.GetEnvironmentVariable(PipeVariable) is not { Length: > 0 } pipe)
            return null;
        Environment.SetEnvironmentVariable(PipeVariable, null);
        return new FlightRecorder(pipe, options, words);
    }

    /// <summary>Starts one.</summary>
    /// <param name="arguments">Those of <c>virtap run</c>.</param>
    /// <returns>The exit status: 0 where its probes are in place, else the recorder's.</returns>
    public static int Start(IEnumerable<string> arguments)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["run", .. arguments]);
        start.Environment[PipeVariable] = pipe.GetClientHandleAsString();
        using Process recorder = Process.Start(start)!;
        pipe.DisposeLocalCopyOfClientHandle();
        if (pipe.ReadByte() >= 0)
        {
            // Behind the first byte comes the name of one that is found by its name.
            string name = new StreamReader(pipe, Encoding.UTF8).ReadToEnd();
            if (name.Length == 0)
                Tell(recorder, recorder.Id + "\n", Console.Out);
            else
                Tell(recorder, RecorderWords.Disconnected(name, recorder.Id), Console.Error);
            return 0;
        }

        recorder.WaitForExit();
        return recorder.ExitCode;
    }

    /// <summary>Tells how a recorder is found; one of which that cannot be told is ended here.</summary>
    /// <exception cref="IOException">It could not be told.</exception>
    /// <exception cref="CommandException">Nobody reads it.</exception>
    internal static void Tell(Process recorder, string words, TextWriter output)
    {
        try
        {
            output.Write(words);
            output.Flush();
        }
        catch (IOException e)
        {
            if (!recorder.HasExited)
                ProcessSignal.Send(recorder.Id, ProcessSignal.Terminate);
            recorder.WaitForExit();
            string problem = $"the recorder, process {recorder.Id}, was ended, as nobody could be told of it";
            // A pipe that nobody reads is no error elsewhere: here it is one.
            if (e is OutputException { IsBrokenPipe: true })
                throw new CommandException(problem);
            StandardStreams.Report("error: " + problem);
            throw;
        }
    }

    /// <summary>The probes are in place: lets the caller end, and goes on without its terminal.</summary>
    /// <param name="end">Ends the session; from any thread, however often.</param>
    /// <exception cref="IOException">The caller has ended already: nobody knows of this recorder.</exception>
    public void LetCallerGo(Action end)
    {
        int nowhere = Libc.Open("/dev/null", Libc.ReadWrite | Libc.CloseOnExec);
        int kept = _memory is null ? StandardError : StandardOutput;
        for (int file = 0; file < kept && nowhere >= 0; file++)
            _ = Libc.Duplicate(nowhere, file);
        if (!KeepsErrors && !SendErrorsToSystemLog() && nowhere >= 0)
            _ = Libc.Duplicate(nowhere, StandardError);
        _memory?.Open(end);
        _caller.WriteByte(1);
        _caller.Write(Encoding.UTF8.GetBytes(_memory?.Name ?? ""));
        _caller.Dispose();
    }

    /// <summary>The session has ended: what it has left in memory stays for whoever comes for it.</summary>
    /// <param name="status">Its exit status.</param>
    public void WaitUntilFetched(int status) => _memory?.WaitUntilFetched(status);

    /// <inheritdoc/>
    public void Dispose()
    {
        _caller.Dispose();
        _memory?.Dispose();
    }

    private static unsafe bool IsErrorAFile()
    {
        FileStatus status;
        return Libc.Stat(Libc.CurrentDirectory, $"/proc/self/fd/{StandardError}", 0, FileStatus.Mask, &status) == 0 && status.IsRegular;
    }

    /// <summary>Each message becomes a datagram to the system's log (syslog's, the journal's).</summary>
    /// <returns>False where there is none.</returns>
    private static bool SendErrorsToSystemLog()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(SystemLog));
            return Libc.Duplicate((int)socket.SafeHandle.DangerousGetHandle(), StandardError) >= 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
