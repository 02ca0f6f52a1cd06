using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Virtap.Interop;
using Virtap.Processes.Access;

namespace Virtap.Processes.Memory;

/// <summary>
/// The memory of a live process, read by process_vm_readv(2) (3.2): no ptrace, the process is not stopped and does not notice. It goes on
/// writing while it is read: only an aligned value of up to 8 bytes is sure to be of one moment.
/// </summary>
/// <remarks>
/// A process that has ended reads as nothing (0 bytes).
/// </remarks>
/// <exception cref="ProcessException">On any read: this process may not.</exception>
public sealed unsafe class ProcessMemory(int pid) : TargetMemory
{
    // UIO_MAXIOV.
    private const int MaximumVectors = 1024;

    /// <summary>The process.</summary>
    public int ProcessId { get; } = pid;

    /// <inheritdoc/>
    public override bool IsLive => true;

    /// <inheritdoc/>
    public override int Read(ulong address, Span<byte> buffer)
    {
        int done = 0;
        fixed (byte* destination = buffer)
        {
            while (done < buffer.Length)
            {
                var local = new IoVector { Base = (nuint)(destination + done), Length = (nuint)(buffer.Length - done) };
                var remote = new IoVector { Base = (nuint)(address + (ulong)done), Length = local.Length };
                nint read = Transfer(&local, &remote, 1);
                if (read <= 0)
                    break;
                done += (int)read;
            }
        }

        return done;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override int ReadMany(ReadOnlySpan<MemoryRange> ranges, Span<byte> buffer, Span<bool> succeeded)
    {
        int count = 0;
        // 256 vectors (4 KiB of stack) a call: the call itself costs less than copying them.
        const int Batch = 256;
        IoVector* remote = stackalloc IoVector[Batch];
        fixed (byte* destination = buffer)
        {
            int next = 0;
            nuint offset = 0;
            while (next < ranges.Length)
            {
                int batch = Math.Min(Math.Min(Batch, MaximumVectors), ranges.Length - next);
                nuint wanted = 0;
                for (int i = 0; i < batch; i++)
                {
                    remote[i] = new IoVector { Base = (nuint)ranges[next + i].Address, Length = (nuint)ranges[next + i].Length };
                    wanted += remote[i].Length;
                }

                if (offset + wanted > (nuint)buffer.Length)
                    throw new ArgumentException("The buffer is shorter than the ranges together.", nameof(buffer));
                var local = new IoVector { Base = (nuint)(destination + offset), Length = wanted };
                nuint read = (nuint)Math.Max(0, Transfer(&local, remote, batch));

                // The kernel stops at the first byte it cannot read. Its range has failed; the next call begins behind it.
                int whole = 0;
                while (whole < batch && remote[whole].Length <= read)
                {
                    read -= remote[whole].Length;
                    offset += remote[whole].Length;
                    succeeded[next + whole] = true;
                    whole++;
                }

                count += whole;
                next += whole;
                if (whole < batch)
                {
                    succeeded[next] = false;
                    offset += (nuint)ranges[next].Length;
                    next++;
                }
            }
        }

        return count;
    }

    private nint Transfer(IoVector* local, IoVector* remote, int count)
    {
        nint read = Libc.ReadProcessMemory(ProcessId, local, 1, remote, (nuint)count, 0);
        if (read < 0 && Errno.Last == Errno.NotPermitted)
            throw ProcessException.Denied(ProcessId, "the memory");
        return read;
    }
}
