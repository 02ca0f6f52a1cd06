using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Virtap.Binaries;
using Virtap.Binaries.Code.Paths;
using Virtap.Processes.Access;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Control;

/// <summary>Somebody who knows which bytes of a process are breakpoints, and can put them right when the tracer dies.</summary>
public interface IBreakpointLedger
{
    /// <summary>A breakpoint is about to be put in.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="address">Where.</param>
    /// <param name="original">What stands there.</param>
    void Inserting(int processId, ulong address, ReadOnlySpan<byte> original);

    /// <summary>It has been taken out.</summary>
    void Removed(int processId, ulong address);

    /// <summary>A counter of 16 bits, by which a program asks whether anybody listens, is about to be one higher.</summary>
    void Raising(int processId, ulong address);

    /// <summary>It is one lower again.</summary>
    void Lowered(int processId, ulong address);
}

/// <summary>
/// The breakpoints in a process's code: a byte that traps (int3; brk on aarch64) in place of what stood there, for as long as anybody wants
/// one there.
/// </summary>
internal sealed class BreakpointSites(int processId, ProcessMemory memory, IBreakpointLedger? ledger) : IDisposable
{
    private static readonly byte[] s_trap = [.. TrapInstruction.Bytes];
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<ulong, (byte[] Original, int Users)> _sites = [];
    private readonly Dictionary<ulong, PassableInstruction?> _instructions = [];
    private readonly HashSet<ulong> _counters = [];
    private SafeFileHandle? _file;
    private int _sharers;
    private int _waitsForOthers = 10;

    /// <summary>How far behind its address a thread is seen that has run into a breakpoint.</summary>
    public static int Behind => HostArchitecture.Current == Architecture.X64 ? 1 : 0;

    /// <summary>The addresses.</summary>
    public IReadOnlyCollection<ulong> Addresses => _sites.Keys;

    public bool Has(ulong address) => _sites.ContainsKey(address);

    /// <summary>
    /// Whether another tracer's breakpoint is at an address: code that traps where its file does not. It is the kernel's (a uprobe), which
    /// takes each hit before a debugger hears of it; and who took that byte for the program's own would write it back when the kernel has
    /// taken it out, and the process would end by it.
    /// </summary>
    public bool IsTaken(ulong address)
    {
        byte[] there = new byte[s_trap.Length];
        if (_sites.ContainsKey(address) || !memory.TryRead(address, there) || !TrapInstruction.IsAt(there))
            return false;
        ReadOnlySpan<byte> original = OfFile(address);
        if (original.IsEmpty || original.SequenceEqual(there))
            return false;
        // A tracer that has ended is forgotten at once, and its breakpoints are gone some 10 ms later.
        for (; _waitsForOthers > 0 && TrapInstruction.IsAt(there); _waitsForOthers--)
        {
            Thread.Sleep(s_wait);
            if (!memory.TryRead(address, there))
                return false;
        }

        return TrapInstruction.IsAt(there);
    }

    /// <summary>Puts one in, or counts one more who wants it.</summary>
    /// <returns>False where there is no memory that could hold it, or another tracer's is there (<see cref="IsTaken"/>).</returns>
    public bool Insert(ulong address)
    {
        if (_sites.TryGetValue(address, out var site))
        {
            _sites[address] = site with { Users = site.Users + 1 };
            return true;
        }

        byte[] original = new byte[s_trap.Length];
        if (IsTaken(address) || !memory.TryRead(address, original))
            return false;
        ledger?.Inserting(processId, address, original);
        _sites[address] = (original, 1);
        if (_sharers > 0 || Write(address, s_trap))
            return true;
        _sites.Remove(address);
        ledger?.Removed(processId, address);
        return false;
    }

    /// <summary>One less wants it; the last one takes it out.</summary>
    public void Remove(ulong address)
    {
        if (!_sites.TryGetValue(address, out var site))
            return;
        if (site.Users > 1)
        {
            _sites[address] = site with { Users = site.Users - 1 };
            return;
        }

        Write(address, site.Original);
        _sites.Remove(address);
        _instructions.Remove(address);
        ledger?.Removed(processId, address);
    }

    /// <summary>The breakpoints of a child that has just been made by fork(2), which has copies of these.</summary>
    public BreakpointSites CopyIn(int childId, ProcessMemory childMemory)
    {
        var copy = new BreakpointSites(childId, childMemory, ledger);
        foreach ((ulong address, (byte[] original, int users)) in _sites)
        {
            ledger?.Inserting(childId, address, original);
            copy._sites.Add(address, (original, users));
        }

        foreach (ulong counter in _counters)
        {
            ledger?.Raising(childId, counter);
            copy._counters.Add(counter);
        }

        return copy;
    }

    /// <summary>Makes a counter of 16 bits one higher, once, for as long as there are breakpoints here.</summary>
    /// <returns>False where there is no memory that could hold it.</returns>
    public bool Raise(ulong counter)
    {
        if (!_counters.Add(counter))
            return true;
        ledger?.Raising(processId, counter);
        if (Count(counter, 1))
            return true;
        _counters.Remove(counter);
        ledger?.Lowered(processId, counter);
        return false;
    }

    /// <summary>Does for a thread that stands at a breakpoint what the instruction below does, where that is little.</summary>
    /// <returns>Whether the thread is behind it; else nothing has changed.</returns>
    public bool TryPass(TracedThread thread, ulong address)
    {
        if (!_instructions.TryGetValue(address, out PassableInstruction? instruction))
            _instructions[address] = instruction = ReadInstruction(address);
        if (instruction is not { } known)
            return false;
        ulong stack = thread.Registers.StackPointer;
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        switch (known.Kind)
        {
            case PassableKind.Push:
                BinaryPrimitives.WriteUInt64LittleEndian(word, thread.Registers[known.Register] ?? 0);
                if (!Write(stack - sizeof(ulong), word))
                    return false;
                thread.MoveStack(stack - sizeof(ulong));
                break;
            case PassableKind.Return:
                if (!memory.TryRead(stack, word))
                    return false;
                thread.MoveStack(stack + sizeof(ulong) + (ulong)known.Released);
                thread.MoveTo(BinaryPrimitives.ReadUInt64LittleEndian(word));
                return true;
        }

        thread.MoveTo(address + (ulong)known.Length);
        return true;
    }

    /// <summary>Takes one out, or puts it in again, for a moment.</summary>
    public void Lift(ulong address, bool isOut)
    {
        if (isOut || _sharers == 0)
            Write(address, isOut ? _sites[address].Original : s_trap);
    }

    /// <summary>
    /// A child runs in this very memory (vfork): nobody traces it, so no breakpoint may be there until it, and every other, has left.
    /// </summary>
    public void Share()
    {
        if (_sharers++ > 0)
            return;
        foreach ((ulong address, (byte[] original, _)) in _sites)
            Write(address, original);
    }

    /// <summary>A child that ran in this memory does not any more.</summary>
    public void Unshare()
    {
        if (_sharers == 0 || --_sharers > 0)
            return;
        foreach (ulong address in _sites.Keys)
            Write(address, s_trap);
    }

    /// <summary>Takes all out for ever.</summary>
    public void Clear()
    {
        foreach ((ulong address, (byte[] original, _)) in _sites)
        {
            Write(address, original);
            ledger?.Removed(processId, address);
        }

        foreach (ulong counter in _counters)
        {
            Count(counter, -1);
            ledger?.Lowered(processId, counter);
        }

        _counters.Clear();
        _sites.Clear();
        _instructions.Clear();
    }

    /// <summary>The process runs another program: nothing of what was there is left.</summary>
    public void Forget()
    {
        foreach (ulong address in _sites.Keys)
            ledger?.Removed(processId, address);
        foreach (ulong counter in _counters)
            ledger?.Lowered(processId, counter);
        _counters.Clear();
        _sites.Clear();
        _instructions.Clear();
        Dispose();
    }

    /// <summary>Takes the breakpoints out of a child's memory: a copy of this one, or this one, which it shares.</summary>
    public void ClearIn(int childId)
    {
        try
        {
            using SafeFileHandle file = ProcessCode.Open(childId);
            foreach ((ulong address, (byte[] original, _)) in _sites)
                ProcessCode.Write(file, address, original);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was killed meanwhile.
        }
    }

    /// <summary>Memory as it is without the breakpoints.</summary>
    public void Restore(ulong address, Span<byte> buffer)
    {
        foreach ((ulong site, (byte[] original, _)) in _sites)
        {
            for (int n = 0; n < original.Length; n++)
            {
                ulong within = site + (ulong)n - address;
                if (within < (ulong)buffer.Length)
                    buffer[(int)within] = original[n];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private bool Count(ulong counter, int change)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        if (!memory.TryRead(counter, bytes))
            return false;
        // The kernel may have counted one down meanwhile that it had not counted up: what found a breakpoint of ours where it put its own.
        int count = Math.Max(BinaryPrimitives.ReadUInt16LittleEndian(bytes) + change, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)count);
        return Write(counter, bytes);
    }

    /// <summary>What the file has whose code is at an address; nothing where there is none, or it cannot be read.</summary>
    private ReadOnlySpan<byte> OfFile(ulong address)
    {
        byte[] bytes = new byte[s_trap.Length];
        try
        {
            if (LiveProcess.Find(processId) is not { } process || process.ReadMappings().At(address) is not { IsFile: true } mapping)
                return [];
            string path = process.PathTo(mapping);
            using SafeFileHandle file = File.OpenHandle(File.Exists(path) ? path : process.RootPath + mapping.Path);
            return bytes.AsSpan(0, RandomAccess.Read(file, bytes, (long)(address - mapping.Start + mapping.Offset)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProcessException)
        {
            return [];
        }
    }

    private PassableInstruction? ReadInstruction(ulong address)
    {
        byte[] code = new byte[PassableInstruction.MaxBytes];
        int read = memory.Read(address, code);
        Restore(address, code.AsSpan(0, read));
        // A processor that keeps return addresses elsewhere too has to return by itself.
        PassableInstruction? found = PassableInstruction.Find(HostArchitecture.Current, code.AsSpan(0, read));
        bool returnsTwice = ProcessFiles.ReadOrEmpty(processId, "status").AsSpan().IndexOf("shstk"u8) >= 0;
        return found is { Kind: PassableKind.Return } && returnsTwice ? null : found;
    }

    private bool Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return ProcessCode.Write(_file ??= ProcessCode.Open(processId), address, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ends just now, and has no memory any more.
            return false;
        }
    }
}

/// <summary>The memory of a process that is debugged, without the breakpoints in it.</summary>
internal sealed class UntouchedMemory(ProcessMemory memory, BreakpointSites sites) : TargetMemory
{
    /// <inheritdoc/>
    public override bool IsLive => true;

    /// <inheritdoc/>
    public override int Read(ulong address, Span<byte> buffer)
    {
        int read = memory.Read(address, buffer);
        sites.Restore(address, buffer[..read]);
        return read;
    }
}
