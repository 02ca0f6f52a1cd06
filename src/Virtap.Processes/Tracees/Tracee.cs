using Virtap.Binaries;
using Virtap.Interop;
using Virtap.Processes.Stops;

namespace Virtap.Processes.Tracees;

/// <summary>
/// A thread of another process that this thread traces, by ptrace(2). All calls are to be made by one and the same thread of this process:
/// for the kernel, that thread is the tracer.
/// </summary>
/// <param name="processId">Its process.</param>
/// <param name="threadId">The thread.</param>
public sealed unsafe class Tracee(int processId, int threadId)
{
    // linux/ptrace.h, linux/elf.h.
    private const int ContinueRequest = 7, StepRequest = 9, DetachRequest = 17, ToSystemCallRequest = 24, GetEventMessage = 0x4201,
        GetSignalInfo = 0x4202, GetRegisterSet = 0x4204, SetRegisterSet = 0x4205, SeizeRequest = 0x4206, InterruptRequest = 0x4207,
        ListenRequest = 0x4208, GetSystemCall = 0x420e;
    private const int GeneralRegisters = 1, SignalInfoWords = 32, MaxRegisterBytes = 512;

    // PTRACE_O_TRACESYSGOOD, TRACEFORK, VFORK, CLONE, EXEC, VFORKDONE. Not EXITKILL: whatever becomes of the tracer, the target lives.
    private const int Options = 1 | 2 | 4 | 8 | 16 | 32, ExitOption = 64;

    // struct ptrace_syscall_info: which of them it is, and how many bytes there are.
    private const int SystemCallEntry = 1, SystemCallBytes = 88;

    /// <summary>Its process.</summary>
    public int ProcessId => processId;

    /// <summary>The thread.</summary>
    public int ThreadId => threadId;

    /// <summary>Begins to trace a thread, which goes on running (PTRACE_SEIZE, Linux 3.4); what it makes is traced too.</summary>
    /// <param name="processId">Its process.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="stopsAtEnd">Whether it, and what it makes, stops before it ends (<see cref="TraceeNewsKind.Ending"/>).</param>
    /// <exception cref="ThreadStopException">It cannot be traced.</exception>
    public static Tracee Seize(int processId, int threadId, bool stopsAtEnd = false)
    {
        if (Libc.Trace(SeizeRequest, threadId, 0, stopsAtEnd ? Options | ExitOption : Options) >= 0)
            return new Tracee(processId, threadId);
        int error = Errno.Last;
        int? tracer = error == Errno.NoProcess ? null : new LiveThread(processId, threadId).TracerId;
        throw new ThreadStopException(
            error == Errno.NoProcess ? ThreadStopFailure.Ended : tracer is null ? ThreadStopFailure.Denied : ThreadStopFailure.Traced,
            processId, threadId, tracer);
    }

    /// <summary>Asks it to stop, without a signal; the news of it comes later.</summary>
    public bool Interrupt() => Libc.Trace(InterruptRequest, threadId, 0, 0) >= 0;

    /// <summary>Lets it go on.</summary>
    /// <param name="signal">A signal that it gets; 0 for none.</param>
    /// <returns>False where it has been killed meanwhile.</returns>
    public bool Continue(int signal) => Libc.Trace(ContinueRequest, threadId, 0, signal) >= 0;

    /// <summary>Lets it go on to the next beginning or end of a system call.</summary>
    /// <param name="signal">A signal that it gets; 0 for none.</param>
    /// <returns>False where it has been killed meanwhile.</returns>
    public bool ContinueToSystemCall(int signal) => Libc.Trace(ToSystemCallRequest, threadId, 0, signal) >= 0;

    /// <summary>Lets it run one instruction.</summary>
    /// <param name="signal">A signal that it gets; 0 for none.</param>
    /// <returns>False where it has been killed meanwhile.</returns>
    public bool Step(int signal) => Libc.Trace(StepRequest, threadId, 0, signal) >= 0;

    /// <summary>Lets it stand as a signal has stopped its process, and be woken as any process that is stopped.</summary>
    public bool Listen() => Libc.Trace(ListenRequest, threadId, 0, 0) >= 0;

    /// <summary>Lets it go on and traces it no more. It has to have stopped.</summary>
    /// <param name="signal">A signal that it gets; 0 for none.</param>
    public bool Detach(int signal) => Libc.Trace(DetachRequest, threadId, 0, signal) >= 0;

    /// <summary>The process or thread that its last event was about.</summary>
    public int EventMessage()
    {
        ulong message = 0;
        return Libc.Trace(GetEventMessage, threadId, 0, (nint)(&message)) < 0 ? 0 : (int)message;
    }

    /// <summary>Whether the system call that it has stopped at begins there; null where the kernel does not say (before 5.3).</summary>
    public bool? IsAtSystemCallEntry()
    {
        byte* information = stackalloc byte[SystemCallBytes];
        return Libc.Trace(GetSystemCall, threadId, SystemCallBytes, (nint)information) > 0 ? *information == SystemCallEntry : null;
    }

    /// <summary>What a SIGTRAP is that it has stopped before.</summary>
    public TrapKind ReadTrap()
    {
        int* information = stackalloc int[SignalInfoWords];
        return Libc.Trace(GetSignalInfo, threadId, 0, (nint)information) < 0 ? TrapKind.Other
            : TrapKinds.Of(HostArchitecture.Current, information[2]);
    }

    /// <summary>Its general registers as the kernel has them; null where it does not stand still any more.</summary>
    public byte[]? ReadRegisters()
    {
        byte* buffer = stackalloc byte[MaxRegisterBytes];
        var vector = new IoVector { Base = (nuint)buffer, Length = MaxRegisterBytes };
        return Libc.Trace(GetRegisterSet, threadId, GeneralRegisters, (nint)(&vector)) < 0 ? null
            : new ReadOnlySpan<byte>(buffer, (int)vector.Length).ToArray();
    }

    /// <summary>Its registers of numbers with a point: on x86-64 as FXSAVE writes them; null where it does not stand still.</summary>
    public byte[]? ReadFloatRegisters()
    {
        const int floatRegisters = 2, maxBytes = 1024;
        byte* buffer = stackalloc byte[maxBytes];
        var vector = new IoVector { Base = (nuint)buffer, Length = maxBytes };
        return Libc.Trace(GetRegisterSet, threadId, floatRegisters, (nint)(&vector)) < 0 ? null
            : new ReadOnlySpan<byte>(buffer, (int)vector.Length).ToArray();
    }

    /// <summary>Sets its general registers.</summary>
    public bool WriteRegisters(ReadOnlySpan<byte> registers)
    {
        fixed (byte* bytes = registers)
        {
            var vector = new IoVector { Base = (nuint)bytes, Length = (nuint)registers.Length };
            return Libc.Trace(SetRegisterSet, threadId, GeneralRegisters, (nint)(&vector)) >= 0;
        }
    }
}
