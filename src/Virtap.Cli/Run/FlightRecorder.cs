using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Interop;
using Virtap.Processes.Commands;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Run;

/// <summary>
/// -F with -o: the session runs in a process of its own that no terminal's end reaches. The process that was called waits until that one's
/// probes are in place, prints its id and ends; what goes wrong before is told as ever. The recorder ends, in good order, by a signal.
/// What it has to say of a script goes to standard error where that is a file; else into the record, as with SystemTap, and what cannot be
/// written there (a full disk) to the system's log.
/// </summary>
internal sealed class FlightRecorder : IDisposable
{
    /// <summary>Names to the recorder the pipe into which it says that its probes are in place.</summary>
    private const string PipeVariable = "VIRTAP_RECORDER_PIPE";

    private const string SystemLog = "/dev/log";
    private const int StandardError = 2;

    private readonly AnonymousPipeClientStream _caller;

    /// <summary>Whether standard error stays what the caller's is: a file takes what the session says however long it runs.</summary>
    public bool KeepsErrors { get; } = IsErrorAFile();

    private FlightRecorder(string pipe)
    {
        _caller = new AnonymousPipeClientStream(PipeDirection.Out, pipe);
        // Neither a command of -c nor one of system() holds it open.
        _ = Libc.Control((int)_caller.SafePipeHandle.DangerousGetHandle(), Libc.SetDescriptorFlags, Libc.ClosedOnExec);
        _ = Libc.StartSession();
    }

    /// <summary>What this process is to a caller that has started it as a recorder; null where nobody has.</summary>
    public static FlightRecorder? Own()
    {
        if (Environment.GetEnvironmentVariable(PipeVariable) is not { Length: > 0 } pipe)
            return null;
        Environment.SetEnvironmentVariable(PipeVariable, null);
        return new FlightRecorder(pipe);
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
            WriteId(recorder, Console.Out);
            return 0;
        }

        recorder.WaitForExit();
        return recorder.ExitCode;
    }

    /// <summary>Tells a recorder's process id, by which alone it can be ended; one whose id cannot be told is ended here.</summary>
    /// <exception cref="IOException">It could not be told.</exception>
    /// <exception cref="CommandException">Nobody reads it.</exception>
    internal static void WriteId(Process recorder, TextWriter output)
    {
        try
        {
            output.WriteLine(recorder.Id);
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
    /// <exception cref="IOException">The caller has ended already: nobody knows of this recorder.</exception>
    public void LetCallerGo()
    {
        int nowhere = Libc.Open("/dev/null", Libc.ReadWrite | Libc.CloseOnExec);
        for (int file = 0; file < StandardError && nowhere >= 0; file++)
            _ = Libc.Duplicate(nowhere, file);
        if (!KeepsErrors && !SendErrorsToSystemLog() && nowhere >= 0)
            _ = Libc.Duplicate(nowhere, StandardError);
        _caller.WriteByte(1);
        _caller.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _caller.Dispose();

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
