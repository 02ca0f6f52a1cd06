using Microsoft.Win32.SafeHandles;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Interop;
using Virtap.Processes.Access;
using Virtap.Processes.Stops;

namespace Virtap.Processes.Samples;

/// <summary>What a thread was doing when its time on a processor was sampled.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Registers">Its registers in the program; null where it has none, as in the kernel's own work for it at its birth.</param>
/// <param name="Stack">Its stack, from the stack pointer on.</param>
/// <param name="Mode">Where the processor was.</param>
public sealed record CpuSample(int ThreadId, RegisterValues? Registers, StackCopy? Stack, SampledMode Mode);

/// <summary>Where a processor was at a sample: in the program, in the kernel for it, or in its guest.</summary>
public enum SampledMode
{
    /// <summary>In the program.</summary>
    User,

    /// <summary>In the kernel, for the program.</summary>
    Kernel,

    /// <summary>In the guest of a virtual machine.</summary>
    Guest,
}

/// <summary>
/// Samples the threads of a process while they are on a processor, by the clock (perf_event_open(2), cpu-clock): nothing is stopped. Each
/// thread has an event and a ring of its own; those that are made meanwhile are found at each look. For one thread.
/// </summary>
public sealed class CpuSampler : IDisposable
{
    /// <summary>Threads that are sampled at most; more are told as <see cref="Unwatched"/>.</summary>
    private const int MaxThreads = 1024;

    private readonly LiveProcess _process;
    private readonly int _frequency;
    private readonly Dictionary<int, SampleRing> _rings = [];
    private readonly HashSet<int> _unwatched = [];
    private bool _excludesKernel;

    private CpuSampler(LiveProcess process, int frequency)
    {
        (_process, _frequency) = (process, frequency);
    }

    /// <summary>Whether samples in the kernel are missing, since this user may not have them.</summary>
    public bool ExcludesKernel => _excludesKernel;

    /// <summary>Samples that the kernel had no room for.</summary>
    public long Lost { get; private set; }

    /// <summary>How many threads could not be sampled.</summary>
    public int Unwatched => _unwatched.Count;

    /// <summary>Names of the threads that were sampled, as they had them when last looked at.</summary>
    public Dictionary<int, string> ThreadNames { get; } = [];

    /// <summary>Begins to sample.</summary>
    /// <param name="process">The process.</param>
    /// <param name="frequency">Samples a second of time on a processor.</param>
    /// <exception cref="ProcessException">This user may not, or the kernel cannot.</exception>
    public static CpuSampler Start(LiveProcess process, int frequency)
    {
        var sampler = new CpuSampler(process, frequency);
        try
        {
            sampler.Watch(isFirst: true);
            return sampler;
        }
        catch
        {
            sampler.Dispose();
            throw;
        }
    }

    /// <summary>Looks for threads that are new, and takes what has been sampled.</summary>
    public IReadOnlyList<CpuSample> Take()
    {
        List<CpuSample> samples = [];
        foreach (SampleRing ring in _rings.Values)
            Lost += ring.Take(samples);
        if (_process.IsAlive)
            Watch(isFirst: false);
        return samples;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SampleRing ring in _rings.Values)
            ring.Dispose();
        _rings.Clear();
    }

    private void Watch(bool isFirst)
    {
        HashSet<int> alive = [];
        foreach (ProcessThread thread in _process.Threads())
        {
            alive.Add(thread.Id);
            ThreadNames[thread.Id] = thread.Name;
            if (_rings.ContainsKey(thread.Id) || _unwatched.Contains(thread.Id))
                continue;
            int error = _rings.Count < MaxThreads ? Open(thread.Id) : Errno.TooManyFiles;
            if (error == 0 || error == Errno.NoProcess)
                continue;
            if (isFirst && _rings.Count == 0)
                throw new ProcessException(Reason(error));
            _unwatched.Add(thread.Id);
        }

        foreach (int ended in _rings.Keys.Except(alive).ToList())
        {
            // What it did last was taken before it was missed.
            _rings[ended].Dispose();
            _rings.Remove(ended);
        }
    }

    private int Open(int thread)
    {
        int error = SampleRing.TryOpen(thread, _frequency, _excludesKernel, out SampleRing? ring);
        if (error is Errno.AccessDenied or Errno.NotPermitted && !_excludesKernel)
        {
            error = SampleRing.TryOpen(thread, _frequency, excludesKernel: true, out ring);
            _excludesKernel = error == 0;
        }

        if (ring is not null)
            _rings[thread] = ring;
        return error;
    }

    private string Reason(int error) => error switch
    {
        Errno.AccessDenied or Errno.NotPermitted => $"{_process.Label} cannot be sampled: that takes root, or CAP_PERFMON "
            + "(kernel.perf_event_paranoid says who else may)",
        Errno.NoEntry or Errno.NoDevice or Errno.OperationNotSupported or Errno.NoSystemCall =>
            "this kernel has no clock that samples (perf_event_open)",
        _ => $"{_process.Label} cannot be sampled: {Errno.Text(error)}",
    };
}

/// <summary>A thread's event, and the ring that the kernel writes its samples into (perf_event_open(2), "MMAP layout").</summary>
internal sealed unsafe class SampleRing : IDisposable
{
    // struct perf_event_attr as of PERF_ATTR_SIZE_VER3, and where its members are.
    private const int AttributeBytes = 96, SizeAt = 4, PeriodAt = 16, SampleTypeAt = 24, FlagsAt = 40, RegistersAt = 80, StackAt = 88;
    private const int SoftwareType = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const ulong ThreadSample = 1 << 1, RegistersSample = 1 << 12, StackSample = 1 << 13;
    private const ulong ExcludeKernel = 1 << 5, ExcludeHypervisor = 1 << 6;
    private const int CloseOnExec = 8;

    // Records, and the bits of their heads that say where the processor was.
    private const uint LostRecord = 2, SampleRecord = 9;
    private const int ModeMask = 7, KernelMode = 1, GuestKernelMode = 4, GuestUserMode = 5;
    private const int HeadBytes = 8, DataHeadAt = 1024, DataTailAt = 1032;

    // A multiple of 8; a record has less than 64 KiB.
    private const uint StackBytes = 16 << 10;

    // Thirty samples and more, which are not made in a tenth of a second; users without privileges have less memory for it.
    private const int MaxPages = 128, MinPages = 16;

    private static readonly nint s_open = IsX64 ? 298 : 241;

    // arch/x86/include/uapi/asm/perf_regs.h: ax, bx, cx, dx, si, di, bp, sp, ip, then from bit 16 on r8 to r15; by their DWARF numbers.
    private const ulong X64Mask = 0xff_01ff, Arm64Mask = (1ul << 33) - 1;
    private static readonly byte[] s_x64 = [0, 3, 2, 1, 4, 5, 6, 7, 16, 8, 9, 10, 11, 12, 13, 14, 15];

    private static bool IsX64 => HostArchitecture.Current == Architecture.X64;

    private readonly SafeFileHandle _event;
    private readonly byte* _pages;
    private readonly int _size;
    private readonly int _thread;

    private SampleRing(SafeFileHandle file, byte* pages, int size, int thread)
    {
        _event = file;
        _pages = pages;
        _size = size;
        _thread = thread;
    }

    /// <summary>Begins to sample a thread.</summary>
    /// <returns>0, or what is wrong.</returns>
    public static int TryOpen(int thread, int frequency, bool excludesKernel, out SampleRing? ring)
    {
        ring = null;
        byte* attributes = stackalloc byte[AttributeBytes];
        new Span<byte>(attributes, AttributeBytes).Clear();
        *(uint*)attributes = SoftwareType; // PERF_COUNT_SW_CPU_CLOCK is 0.
        *(uint*)(attributes + SizeAt) = AttributeBytes;
        *(ulong*)(attributes + PeriodAt) = (ulong)(NanosecondsPerSecond / frequency);
        *(ulong*)(attributes + SampleTypeAt) = ThreadSample | RegistersSample | StackSample;
        *(ulong*)(attributes + FlagsAt) = ExcludeHypervisor | (excludesKernel ? ExcludeKernel : 0);
        *(ulong*)(attributes + RegistersAt) = IsX64 ? X64Mask : Arm64Mask;
        *(uint*)(attributes + StackAt) = StackBytes;
        nint opened = Libc.Syscall(s_open, (nint)attributes, thread, -1, -1, CloseOnExec);
        if (opened < 0)
            return Errno.Last;
        var file = new SafeFileHandle(opened, ownsHandle: true);
        int page = Environment.SystemPageSize, error = 0;
        for (int pages = MaxPages; pages >= MinPages; pages /= 2)
        {
            void* start = Libc.Map(
                null, (nuint)((pages + 1) * page), Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, (int)opened, 0);
            if ((nint)start != -1)
            {
                ring = new SampleRing(file, (byte*)start, pages * page, thread);
                return 0;
            }

            error = Errno.Last;
        }

        file.Dispose();
        return error;
    }

    /// <summary>Takes what is there.</summary>
    /// <returns>How many samples the kernel says that it had no room for.</returns>
    public long Take(List<CpuSample> samples)
    {
        long lost = 0;
        // Acquire: records are not read before the position that covers them; release: nor after the place is given back.
        ulong head = Volatile.Read(ref *(ulong*)(_pages + DataHeadAt)), tail = *(ulong*)(_pages + DataTailAt);
        while (head - tail >= HeadBytes)
        {
            byte[] start = Copy(tail, HeadBytes);
            uint type = BitConverter.ToUInt32(start);
            int mode = BitConverter.ToUInt16(start, 4) & ModeMask, size = BitConverter.ToUInt16(start, 6);
            if (size < HeadBytes || (ulong)size > head - tail)
                break;
            byte[] body = Copy(tail + HeadBytes, size - HeadBytes);
            if (type == SampleRecord && ReadSample(body, mode) is { } sample)
                samples.Add(sample);
            else if (type == LostRecord && body.Length >= 16)
                lost += BitConverter.ToInt64(body, 8);
            tail += (ulong)size;
        }

        Volatile.Write(ref *(ulong*)(_pages + DataTailAt), head);
        return lost;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Libc.Unmap(_pages, (nuint)(_size + Environment.SystemPageSize));
        _event.Dispose();
    }

    private CpuSample? ReadSample(byte[] body, int mode)
    {
        // pid, tid; abi, registers; size, stack, how much of it is meant.
        const int AbiAt = 8, RegistersStart = 16;
        if (body.Length < RegistersStart)
            return null;
        SampledMode where = mode switch
        {
            KernelMode => SampledMode.Kernel,
            GuestKernelMode or GuestUserMode => SampledMode.Guest,
            _ => SampledMode.User,
        };
        if (BitConverter.ToUInt64(body, AbiAt) == 0)
            return new CpuSample(_thread, null, null, where);
        var registers = new RegisterValues(HostArchitecture.Current);
        if (body.Length < RegistersStart + (registers.Count * sizeof(ulong)) + sizeof(ulong))
            return null;
        for (int at = 0; at < registers.Count; at++)
        {
            int number = IsX64 ? s_x64[at] : at;
            registers[number] = BitConverter.ToUInt64(body, RegistersStart + (at * sizeof(ulong)));
        }

        int sizeAt = RegistersStart + (registers.Count * sizeof(ulong)), stackAt = sizeAt + sizeof(ulong);
        long size = BitConverter.ToInt64(body, sizeAt);
        if (size <= 0 || stackAt + size + sizeof(ulong) > body.Length)
            return new CpuSample(_thread, registers, new StackCopy(registers.StackPointer, default, IsCut: true), where);
        int used = (int)Math.Clamp(BitConverter.ToInt64(body, stackAt + (int)size), 0, size);
        var stack = new StackCopy(registers.StackPointer, body.AsMemory(stackAt, used), used == size);
        return new CpuSample(_thread, registers, stack, where);
    }

    private byte[] Copy(ulong position, int count)
    {
        byte[] bytes = new byte[count];
        var data = new ReadOnlySpan<byte>(_pages + Environment.SystemPageSize, _size);
        int start = (int)(position & ((ulong)_size - 1)), first = Math.Min(count, _size - start);
        data.Slice(start, first).CopyTo(bytes);
        data[..(count - first)].CopyTo(bytes.AsSpan(first));
        return bytes;
    }
}
