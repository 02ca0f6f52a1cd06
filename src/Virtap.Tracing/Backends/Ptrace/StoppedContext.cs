using System.Runtime.InteropServices;
using Virtap.Binaries.Code;
using Virtap.Bpf.Kernel;
using Virtap.Processes;
using Virtap.Processes.Control;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>A thread of a target that stands still where a probe was hit: its registers and its memory are there to be read.</summary>
/// <param name="process">Its process.</param>
/// <param name="thread">The thread.</param>
/// <param name="site">Index of the target among the handler's.</param>
/// <param name="returning">Where the function is loaded that returns; 0 where none does.</param>
internal sealed class StoppedContext(Inferior process, TracedThread thread, int site, ulong returning = 0)
    : ProcessEventContext(process.Process.Id, thread.Id, site)
{
    private const int SystemCallRegisterArm64 = 8;

    /// <inheritdoc/>
    public override int Cpu => new LiveThread(Pid, Tid).Processor() ?? 0;

    /// <inheritdoc/>
    public override ulong InstructionPointer => thread.Address;

    /// <inheritdoc/>
    public override ulong ReturningFunction => returning;

    /// <inheritdoc/>
    public override bool TryReadRegister(MachineRegister register, out ulong value)
    {
        int number = register.DwarfNumber;
        if (number == PtRegs.SystemCall && RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
            number = SystemCallRegisterArm64;
        // What ptrace hands out begins as what a probe's program finds.
        ulong? found = PtRegs.TryGetOffset(RuntimeInformation.ProcessArchitecture, number, out int offset)
            ? thread.Kernel.Word(offset / sizeof(ulong)) : null;
        value = found ?? 0;
        return found is not null;
    }

    /// <inheritdoc/>
    public override bool TryRead(ulong address, Span<byte> bytes) => process.Memory.TryRead(address, bytes);

    /// <inheritdoc/>
    public override byte[] CopyStack()
    {
        RegisterValues registers = thread.Registers;
        byte[] copy = new byte[(registers.Count * sizeof(ulong)) + StackRecord.MaxStack];
        for (int number = 0; number < registers.Count; number++)
            BitConverter.TryWriteBytes(copy.AsSpan(number * sizeof(ulong)), registers[number] ?? 0);
        int length = registers.Count * sizeof(ulong);
        for (int from = 0; from < StackRecord.MaxStack; from += StackRecord.Step)
        {
            if (!process.Memory.TryRead(registers.StackPointer + (ulong)from, copy.AsSpan(length, StackRecord.Step)))
                break;
            length += StackRecord.Step;
        }

        return copy[..length];
    }
}
