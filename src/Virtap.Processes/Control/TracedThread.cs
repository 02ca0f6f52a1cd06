using System.Buffers.Binary;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Processes;
using Virtap.Processes.Tracees;

namespace Virtap.Processes.Control;

/// <summary>A thread of a process that is debugged.</summary>
public sealed class TracedThread
{
    // The words of the kernel's structure: rip on x86-64, pc on aarch64.
    private const int InstructionPointerX64 = 16, InstructionPointerArm64 = 32;

    private byte[]? _bytes;
    private RegisterValues? _registers;
    private bool _isChanged;

    internal TracedThread(Tracee tracee, int number) => (Tracee, Number) = (tracee, number);

    /// <summary>Its number, from 1 in the order in which they were seen.</summary>
    public int Number { get; internal set; }

    /// <summary>Its thread id.</summary>
    public int Id => Tracee.ThreadId;

    /// <summary>Its short name, now.</summary>
    public string Name => LiveProcess.Find(Tracee.ProcessId)?.Threads().FirstOrDefault(each => each.Id == Id).Name ?? "";

    /// <summary>Whether it stands still.</summary>
    public bool IsStopped { get; internal set; }

    /// <summary>Its registers while it stands still.</summary>
    /// <exception cref="InferiorGoneException">It has been killed meanwhile.</exception>
    public RegisterValues Registers => _registers ??= RegisterValues.OfKernel(HostArchitecture.Current, Bytes)
        ?? throw new InferiorGoneException();

    /// <summary>Where it is.</summary>
    public ulong Address => Registers.InstructionPointer;

    /// <summary>All that the kernel hands out of its registers while it stands still.</summary>
    /// <exception cref="InferiorGoneException">It has been killed meanwhile.</exception>
    public KernelRegisters Kernel => new(Bytes, HostArchitecture.Current);

    /// <summary>Its registers of numbers with a point: on x86-64 as FXSAVE writes them; null where it does not stand still.</summary>
    public byte[]? ReadFloatRegisters() => Tracee.ReadFloatRegisters();

    internal Tracee Tracee { get; }

    /// <summary>A signal that it gets when it goes on; 0 for none.</summary>
    internal int Signal { get; set; }

    /// <summary>Whether a signal has stopped its process: it is not to run before another one wakes it.</summary>
    internal bool IsGroupStopped { get; set; }

    /// <summary>What came while others were looked at, and nobody knows of yet.</summary>
    internal TraceeNews? Unread { get; set; }

    /// <summary>Whether it waits for a child of vfork(2): it runs nothing before it is told that it need not any more.</summary>
    internal bool AwaitsChild { get; set; }

    /// <summary>Whether it was asked to stop since it has begun a system call.</summary>
    internal bool WasInterrupted { get; set; }

    /// <summary>Whether it is in a system call, as far as its stops tell.</summary>
    internal bool IsInSystemCall { get; set; }

    /// <summary>Whether it has just been made: it comes from the end of a system call, which the kernel does not tell.</summary>
    internal bool ComesFromCall { get; set; }

    /// <summary>Whether what it does next is to begin the system call again that it was interrupted in.</summary>
    internal bool GoesOnWithCall { get; set; }

    /// <summary>Whether the kernel has the system call that it was in begin again (ERESTARTSYS to ERESTART_RESTARTBLOCK).</summary>
    internal bool IsRestartingCall
    {
        get
        {
            const int systemCallX64 = 15, resultX64 = 10, first = -516, last = -512;
            (ulong? call, ulong? result) = HostArchitecture.Current == Architecture.X64
                ? (Kernel.Word(systemCallX64), Kernel.Word(resultX64)) : (0, Kernel.Word(0));
            return (long)(call ?? ulong.MaxValue) >= 0 && (long)(result ?? 0) is >= first and <= last;
        }
    }

    /// <summary>The breakpoint that it stands at and that has been told of, or from which it starts: it is to go on behind it.</summary>
    internal ulong? Passed { get; set; }

    private byte[] Bytes => _bytes ??= Tracee.ReadRegisters() ?? throw new InferiorGoneException();

    internal void MoveTo(ulong address)
    {
        byte[] bytes = Bytes;
        int word = HostArchitecture.Current == Architecture.X64 ? InstructionPointerX64 : InstructionPointerArm64;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(word * sizeof(ulong)), address);
        _registers = null;
        _isChanged = true;
    }

    /// <summary>x86-64: sets the stack pointer.</summary>
    internal void MoveStack(ulong address)
    {
        const int stackPointer = 19;
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(stackPointer * sizeof(ulong)), address);
        _registers = null;
        _isChanged = true;
    }

    /// <summary>Gives it the registers that were changed: to be done before it goes on.</summary>
    internal void WriteBack()
    {
        if (_isChanged && _bytes is not null)
            Tracee.WriteRegisters(_bytes);
        _isChanged = false;
    }

    internal void Forget() => (_bytes, _registers) = (null, null);
}

/// <summary>The process has ended, or was killed, while it was looked at.</summary>
public sealed class InferiorGoneException() : Exception("The program is not being run.");
