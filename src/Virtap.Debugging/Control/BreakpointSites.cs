using Microsoft.Win32.SafeHandles;
using Virtap.Binaries;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Control;

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
}

/// <summary>
/// The breakpoints in a process's code: a byte that traps (int3; brk on aarch64) in place of what stood there, for as long as anybody wants
/// one there.
/// </summary>
internal sealed class BreakpointSites(int processId, ProcessMemory memory, IBreakpointLedger? ledger) : IDisposable
{
    private static readonly byte[] s_trap = [.. TrapInstruction.Bytes];

    private readonly Dictionary<ulong, (byte[] Original, int Users)> _sites = [];
    private SafeFileHandle? _file;
    private int _sharers;

    /// <summary>How far behind its address a thread is seen that has run into a breakpoint.</summary>
    public static int Behind => HostArchitecture.Current == Architecture.X64 ? 1 : 0;

    /// <summary>The addresses.</summary>
    public IReadOnlyCollection<ulong> Addresses => _sites.Keys;

    public bool Has(ulong address) => _sites.ContainsKey(address);

    /// <summary>Puts one in, or counts one more who wants it.</summary>
    /// <returns>False where there is no memory that could hold it.</returns>
    public bool Insert(ulong address)
    {
        if (_sites.TryGetValue(address, out var site))
        {
            _sites[address] = site with { Users = site.Users + 1 };
            return true;
        }

        byte[] original = new byte[s_trap.Length];
        if (!memory.TryRead(address, original))
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
        ledger?.Removed(processId, address);
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

        _sites.Clear();
    }

    /// <summary>The process runs another program: nothing of what was there is left.</summary>
    public void Forget()
    {
        foreach (ulong address in _sites.Keys)
            ledger?.Removed(processId, address);
        _sites.Clear();
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

    private bool Write(ulong address, ReadOnlySpan<byte> bytes) => ProcessCode.Write(_file ??= ProcessCode.Open(processId), address, bytes);
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
