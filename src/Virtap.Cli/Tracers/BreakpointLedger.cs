using System.Runtime.InteropServices;
using Virtap.Interop;
using Virtap.Processes;
using Virtap.Processes.Control;
using Virtap.Processes.Memory;

namespace Virtap.Cli.Tracers;

/// <summary>Which breakpoints the tracer has in which process, as it says; and taking them out when it cannot any more.</summary>
internal sealed class BreakpointRepair
{
    private readonly Dictionary<(int Process, ulong Address), byte[]> _left = [];
    private readonly HashSet<(int Process, ulong Address)> _raised = [];
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
        List<LiveProcess> living = [.. LiveProcess.All()];
        int count = 0;
        foreach (((int process, ulong address), byte[] original) in _left)
        {
            // A child that was made in the last moment has copies of what its parent had.
            foreach (int each in LiveProcess.Tree(process, living))
                count += Mend(each, address, original) ? 1 : 0;
        }

        foreach ((int process, ulong address) in _raised)
            Lower(process, address);
        return count;
    }

    private static bool Mend(int process, ulong address, byte[] original)
    {
        try
        {
            using var memory = ProcessCode.Open(process);
            byte[] there = new byte[TrapInstruction.Bytes.Length];
            return RandomAccess.Read(memory, there, (long)address) == there.Length && TrapInstruction.Bytes.SequenceEqual(there)
                && ProcessCode.Write(memory, address, original);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, and its memory with it.
            return false;
        }
    }

    private static void Lower(int process, ulong address)
    {
        try
        {
            using var memory = ProcessCode.Open(process);
            byte[] there = new byte[sizeof(ushort)];
            if (RandomAccess.Read(memory, there, (long)address) == there.Length && BitConverter.ToUInt16(there) is > 0 and var count)
                ProcessCode.Write(memory, address, BitConverter.GetBytes((ushort)(count - 1)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }

    private unsafe void Read(int file)
    {
        LedgerEntry entry;
        while (Fill(file, (byte*)&entry))
        {
            if (entry.Length == LedgerEntry.Raised)
                _raised.Add((entry.ProcessId, entry.Address));
            else if (entry.Length == LedgerEntry.Lowered)
                _raised.Remove((entry.ProcessId, entry.Address));
            else if (entry.Length > 0)
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

    /// <inheritdoc/>
    public void Raising(int processId, ulong address) =>
        Write(new LedgerEntry { ProcessId = processId, Length = LedgerEntry.Raised, Address = address });

    /// <inheritdoc/>
    public void Lowered(int processId, ulong address) =>
        Write(new LedgerEntry { ProcessId = processId, Length = LedgerEntry.Lowered, Address = address });

    private void Write(int processId, ulong address, ReadOnlySpan<byte> original)
    {
        var entry = new LedgerEntry { ProcessId = processId, Length = original.Length, Address = address };
        original.CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref entry.Original)));
        Write(entry);
    }

    private unsafe void Write(LedgerEntry entry) => _ = Libc.Write(file, &entry, (nuint)sizeof(LedgerEntry));
}

/// <summary>What the pipe carries of a breakpoint: few enough bytes that each write arrives whole.</summary>
internal struct LedgerEntry
{
    /// <summary>In place of a length: what is at the address is a counter.</summary>
    public const int Raised = -1, Lowered = -2;

    public int ProcessId;

    /// <summary>How many bytes the breakpoint stands on; 0 where it has been taken out.</summary>
    public int Length;

    public ulong Address;

    /// <summary>What stood there: the first bytes of it in memory's order.</summary>
    public ulong Original;
}
