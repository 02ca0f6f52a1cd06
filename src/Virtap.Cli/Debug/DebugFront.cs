using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Cli.Commands;
using Virtap.Debugging.Control;
using Virtap.Interop;
using Virtap.Processes.Commands;
using Virtap.Processes.Memory;

namespace Virtap.Cli.Debug;

/// <summary>
/// The process that the user has started, and that a terminal's signals reach. It traces nothing: the debugger is another process
/// (<see cref="DebugBack"/>), with a session of its own. When this one ends, by whatever signal, that one takes its breakpoints out and
/// lets the target go on; should that one be killed, this one takes them out. (docs/decisions/008.)
/// </summary>
internal static class DebugFront
{
    /// <summary>The first word of the debugger's command line.</summary>
    public const string BackWord = "debugger-of";

    /// <summary>The debugger's ends of the two pipes.</summary>
    public const int NewsFile = 8, LedgerFile = 9;

    private const int Killed = 128;

    /// <summary>SIGTSTP by its number on Linux: .NET's name for it is for other systems too.</summary>
    private const PosixSignal TerminalStop = (PosixSignal)ProcessSignal.TerminalStop;

    private static readonly PosixSignal[] s_signals =
        [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, TerminalStop];

    /// <summary>Starts the debugger, and waits for its end.</summary>
    /// <param name="words">The command line.</param>
    /// <returns>Its exit status.</returns>
    public static unsafe int Run(string[] words)
    {
        // What is wrong with the line is told before anything is started.
        _ = DebugCommand.Parse(words);
        int* news = stackalloc int[2], ledger = stackalloc int[2];
        if (Libc.Pipe(news, Libc.CloseOnExec) != 0 || Libc.Pipe(ledger, Libc.CloseOnExec) != 0)
            throw new CommandException("no pipe for the debugger: " + Errno.Text(Errno.Last));
        string program = Environment.ProcessPath ?? "/proc/self/exe";
        int back = ChildProgram.Spawn(
            program, [(news[0], NewsFile), (ledger[1], LedgerFile)], isApart: true,
            [Path.GetFileName(program) == "dotnet" ? program : BackWord, .. Library(program), BackWord, .. words]);
        _ = Libc.Close(news[0]);
        _ = Libc.Close(ledger[1]);
        int toBack = news[1];

        // Signals are the debugger's business, which has another session: Ctrl-C stops the target, the others end the session.
        List<PosixSignalRegistration> signals = [
            .. s_signals.Select(each => PosixSignalRegistration.Create(each, context =>
            {
                context.Cancel = true;
                Forward(toBack, Number(each));
            }))];
        var repair = new BreakpointRepair(ledger[0]);
        int status;
        while (Libc.WaitPid(back, &status, 0) < 0 && Errno.Last == Errno.Interrupted)
        {
        }

        signals.ForEach(static each => each.Dispose());
        if ((status & 0x7f) == 0)
            return status >> 8 & 0xff;
        int repaired = repair.Run();
        Rendering.StandardStreams.Report(string.Create(
            CultureInfo.InvariantCulture,
            $"error: the debugger was ended by signal {status & 0x7f}; {repaired} breakpoints that it had left were taken out"));
        return Killed + (status & 0x7f);
    }

    private static string[] Library(string program) =>
        Path.GetFileName(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private static unsafe void Forward(int file, byte signal) => _ = Libc.Write(file, &signal, 1);

    private static byte Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => ProcessSignal.Interrupt,
        PosixSignal.SIGQUIT => ProcessSignal.Quit,
        PosixSignal.SIGTERM => ProcessSignal.Terminate,
        PosixSignal.SIGHUP => ProcessSignal.HangUp,
        _ => 0,
    };
}

/// <summary>Which breakpoints the debugger has in which process, as it says; and taking them out when it cannot any more.</summary>
internal sealed class BreakpointRepair
{
    private readonly Dictionary<(int Process, ulong Address), byte[]> _left = [];
    private readonly Thread _reader;

    public BreakpointRepair(int file)
    {
        _reader = new Thread(() => Read(file)) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>Writes what stood where the breakpoints are.</summary>
    /// <returns>How many were there.</returns>
    public int Run()
    {
        // The pipe's other end is closed: what was written into it is all there.
        _reader.Join();
        int count = 0;
        foreach (((int process, ulong address), byte[] original) in _left)
        {
            try
            {
                using var memory = ProcessCode.Open(process);
                byte[] there = new byte[TrapInstruction.Bytes.Length];
                if (RandomAccess.Read(memory, there, (long)address) == there.Length && TrapInstruction.Bytes.SequenceEqual(there)
                    && ProcessCode.Write(memory, address, original))
                    count++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, and its memory with it.
            }
        }

        return count;
    }

    private unsafe void Read(int file)
    {
        LedgerEntry entry;
        while (Fill(file, (byte*)&entry))
        {
            if (entry.Length > 0)
                _left[(entry.ProcessId, entry.Address)] = BitConverter.GetBytes(entry.Original)[..Math.Min(entry.Length, sizeof(ulong))];
            else
                _left.Remove((entry.ProcessId, entry.Address));
        }
    }

    private static unsafe bool Fill(int file, byte* entry)
    {
        for (int done = 0; done < sizeof(LedgerEntry);)
        {
            nint read = Libc.Read(file, entry + done, (nuint)(sizeof(LedgerEntry) - done));
            if (read == 0 || (read < 0 && Errno.Last != Errno.Interrupted))
                return false;
            done += (int)Math.Max(read, 0);
        }

        return true;
    }
}

/// <summary>Tells the front of breakpoints, before they are there.</summary>
internal sealed class PipeLedger(int file) : IBreakpointLedger
{
    /// <inheritdoc/>
    public void Inserting(int processId, ulong address, ReadOnlySpan<byte> original) => Write(processId, address, original);

    /// <inheritdoc/>
    public void Removed(int processId, ulong address) => Write(processId, address, []);

    private unsafe void Write(int processId, ulong address, ReadOnlySpan<byte> original)
    {
        var entry = new LedgerEntry { ProcessId = processId, Length = original.Length, Address = address };
        original.CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref entry.Original)));
        _ = Libc.Write(file, &entry, (nuint)sizeof(LedgerEntry));
    }
}

/// <summary>What the pipe carries of a breakpoint: few enough bytes that each write arrives whole.</summary>
internal struct LedgerEntry
{
    public int ProcessId;

    /// <summary>How many bytes the breakpoint stands on; 0 where it has been taken out.</summary>
    public int Length;

    public ulong Address;

    /// <summary>What stood there: the first bytes of it in memory's order.</summary>
    public ulong Original;
}
