using System.Buffers.Binary;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Inspection;

/// <summary>
/// The kernel's memory, and what it knows of the calling thread, asked by a program that is run on request (BPF_PROG_TEST_RUN of a SYSCALL
/// program, 5.14): a system call for each 256 bytes. It is loaded at the first question.
/// </summary>
public sealed class KernelMemory : IDisposable
{
    // The program's context: words of the question and of the answers, and the bytes that were read.
    private const int AddressAt = 0, LengthAt = 8, TaskAt = 16, TicksAt = 24, BytesAt = 32;
    private const int PieceBytes = 256;
    private const uint Fault = 1;

    private static readonly Lazy<KernelMemory?> s_current = new(TryOpen);

    private readonly BpfProgram _program;

    private KernelMemory(BpfProgram program) => _program = program;

    /// <summary>That of the running kernel, shared by the whole process; null where programs cannot be loaded or run.</summary>
    public static KernelMemory? Current => s_current.Value;

    /// <summary>Where the calling thread's task_struct is.</summary>
    public ulong CurrentTask() => Ask(TaskAt);

    /// <summary>The kernel's jiffies: ticks of its clock since shortly before it started.</summary>
    public ulong Ticks() => Ask(TicksAt);

    /// <summary>Copies bytes; false if not all of them can be read.</summary>
    public bool TryRead(ulong address, Span<byte> bytes)
    {
        Span<byte> context = stackalloc byte[BytesAt + PieceBytes];
        for (int at = 0; at < bytes.Length; at += PieceBytes)
        {
            int length = Math.Min(PieceBytes, bytes.Length - at);
            BinaryPrimitives.WriteUInt64LittleEndian(context[AddressAt..], address + (ulong)at);
            BinaryPrimitives.WriteInt64LittleEndian(context[LengthAt..], length);
            if (_program.TestRun(context) == Fault)
                return false;
            context.Slice(BytesAt, length).CopyTo(bytes[at..]);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _program.Dispose();

    private ulong Ask(int answer)
    {
        Span<byte> context = stackalloc byte[BytesAt + PieceBytes];
        context.Clear();
        _program.TestRun(context);
        return BinaryPrimitives.ReadUInt64LittleEndian(context[answer..]);
    }

    private static KernelMemory? TryOpen()
    {
        try
        {
            return new KernelMemory(BpfProgram.Load(Reader(), []));
        }
        catch (BpfException)
        {
            return null;
        }
    }

    private static ProgramSpec Reader()
    {
        var code = new BpfAssembler("kernel_memory", BpfProgramKind.Syscall);
        BpfLabel refused = code.NewLabel();
        const int Piece = -PieceBytes;
        code.Move(R6, R1);
        code.Call(BpfHelper.GetCurrentTask);
        code.Store(BpfSize.Double, R6, TaskAt, R0);
        code.Call(BpfHelper.Jiffies64);
        code.Store(BpfSize.Double, R6, TicksAt, R0);
        code.Move(R1, 0);
        for (int at = 0; at < PieceBytes; at += 8)
            code.Store(BpfSize.Double, R10, Piece + at, R1);
        code.Load(BpfSize.Double, R3, R6, AddressAt);
        code.Load(BpfSize.Double, R2, R6, LengthAt);
        code.Jump(BpfCondition.Greater, R2, PieceBytes, refused);
        code.PointToStack(R1, Piece);
        code.Call(BpfHelper.ProbeReadKernel);
        code.Jump(BpfCondition.NotEqual, R0, 0, refused);
        // Word by word: a context is nothing that every kernel lets helpers write to.
        for (int at = 0; at < PieceBytes; at += 8)
        {
            code.Load(BpfSize.Double, R1, R10, Piece + at);
            code.Store(BpfSize.Double, R6, BytesAt + at, R1);
        }

        code.Move(R0, 0);
        code.Exit();
        code.Bind(refused);
        code.Move(R0, (int)Fault);
        code.Exit();
        return code.Build();
    }
}
