using System.Buffers.Binary;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Processes;
using Virtap.Processes.Tracees;

namespace Virtap.Debugging.Control;

/// <summary>A thread of a process that is debugged.</summary>
public sealed class DebuggedThread
{
    // The words of the kernel's structure: rip and fs_base on x86-64, pc on aarch64.
    private const int InstructionPointerX64 = 16, ThreadPointerX64 = 21, InstructionPointerArm64 = 32;

    private byte[]? _bytes;
    private RegisterValues? _registers;

    internal DebuggedThread(Tracee tracee, int number) => (Tracee, Number) = (tracee, number);

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

    /// <summary>What the C library tells threads apart by (pthread_self); null where that is not known.</summary>
    public ulong? ThreadPointer => HostArchitecture.Current == Architecture.X64 ? Word(ThreadPointerX64) : null;

    internal Tracee Tracee { get; }

    /// <summary>A signal that it gets when it goes on; 0 for none.</summary>
    internal int Signal { get; set; }

    /// <summary>Whether a signal has stopped its process: it is not to run before another one wakes it.</summary>
    internal bool IsGroupStopped { get; set; }

    /// <summary>What came while others were looked at, and nobody knows of yet.</summary>
    internal TraceeNews? Unread { get; set; }

    /// <summary>The breakpoint that it stands at and that has been told of, or from which it starts: it is to go on behind it.</summary>
    internal ulong? Passed { get; set; }

    private byte[] Bytes => _bytes ??= Tracee.ReadRegisters() ?? throw new InferiorGoneException();

    /// <summary>The flags, segment registers and all else that the kernel hands out, by their place in its structure.</summary>
    public ulong? Word(int index) => (index + 1) * sizeof(ulong) <= Bytes.Length
        ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(index * sizeof(ulong))) : null;

    internal void MoveTo(ulong address)
    {
        byte[] bytes = Bytes;
        int word = HostArchitecture.Current == Architecture.X64 ? InstructionPointerX64 : InstructionPointerArm64;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(word * sizeof(ulong)), address);
        Tracee.WriteRegisters(bytes);
        _registers = null;
    }

    internal void Forget() => (_bytes, _registers) = (null, null);
}

/// <summary>The process has ended, or was killed, while it was looked at.</summary>
public sealed class InferiorGoneException() : Exception("The program is not being run.");
