using System.Buffers.Binary;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Bpf.Btf;
using Virtap.Bpf.Inspection;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Registers of the target at the probe site, and its memory.</summary>
public sealed partial class Evaluator
{
    private readonly Dictionary<KernelMemberOffset, long> _members = [];

    /// <summary>A handler whose context has no registers (begin, a timer) gets a read fault, at address 0.</summary>
    private long ReadRegister(MachineRegister register, int site)
    {
        if (_context.TryReadRegister(register, out ulong value))
            return (long)value;
        if (site != TargetLoad.ReadsAsZero)
            Raise(RuntimeError.ReadFault, site);
        return 0;
    }

    /// <summary>A function's argument; 0 where there are no registers (scripts come here only where there are).</summary>
    private long ReadArgument(int number) =>
        _context.TryReadRegister(ArgumentRegisters.Of(HostArchitecture.Current, number), out ulong value) ? (long)value : 0;

    /// <summary>Memory at an address; what cannot be read is a read fault with that address.</summary>
    private long LoadMemory(TargetLoad load)
    {
        long address = Evaluate(load.Address);
        Span<byte> word = stackalloc byte[8];
        word.Clear();
        if (_failing)
            return 0;
        if (!TryRead(load.Space, (ulong)address, word[..load.Size]))
        {
            if (load.Site != TargetLoad.ReadsAsZero)
                Raise(RuntimeError.ReadFault, load.Site, address);
            return 0;
        }

        return Extend(BinaryPrimitives.ReadInt64LittleEndian(word), load.Size, load.SignExtend);
    }

    private bool TryRead(MemorySpace space, ulong address, Span<byte> bytes) => space == MemorySpace.Kernel
        ? KernelMemory.Current?.TryRead(address, bytes) ?? false
        : _context.TryRead(address, bytes);

    /// <summary>Where a member lies in a structure of the kernel, or its size; one that this kernel does not have is an error.</summary>
    private long MeasureMember(KernelMemberOffset member)
    {
        if (_members.TryGetValue(member, out long bytes))
            return bytes;
        if (KernelBtf.Vmlinux?.FindMember(member.Structure, member.Member) is { } found)
            return _members[member] = member.IsSize ? found.Size : found.Offset;
        string why = KernelBtf.Vmlinux is null ? "this kernel does not show its types" : "this kernel does not have it";
        RaiseText($"{member.Structure}.{member.Member}: {why}");
        return 0;
    }

    /// <summary>Widens the low bytes of a value to 64 bits.</summary>
    private static long Extend(long value, int size, bool signExtend)
    {
        int unused = 64 - (size * 8);
        return signExtend ? value << unused >> unused : value << unused >>> unused;
    }
}
