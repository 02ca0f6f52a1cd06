using System.Buffers.Binary;
using System.Diagnostics;
using Virtap.Binaries.Machine;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Evaluation;

/// <summary>Values of the target: registers at the probe site, its memory, and arithmetic on them.</summary>
public sealed partial class Evaluator
{
    private static readonly Architecture s_here = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64
        ? Architecture.Arm64
        : Architecture.X64;

    private long EvaluateMachine(MachineExpression value, int site) => value switch
    {
        ConstantValue constant => constant.Value,
        RegisterValue register => ReadRegister(register.Register, site),
        ExtendValue extend => Extend(EvaluateMachine(extend.Operand, site), extend.Size, extend.SignExtend),
        LoadValue load => LoadTarget(EvaluateMachine(load.Address, site), load.Size, load.SignExtend, site),
        BinaryValue binary => EvaluateMachineBinary(binary, site),
        // The resolver has made it relative to the instruction pointer of each site.
        ImageAddress address => throw new UnreachableException($"address 0x{address.Address:x} of the image was not made relative to its probe site"),
        _ => throw new UnreachableException($"{value.GetType().Name} is no machine expression"),
    };

    /// <summary>A handler whose context has no registers (begin, a timer) gets a read fault, at address 0.</summary>
    private long ReadRegister(MachineRegister register, int site)
    {
        if (_context.TryReadRegister(register, out ulong value))
            return (long)value;
        Raise(RuntimeError.ReadFault, site);
        return 0;
    }

    /// <summary>A function's argument; 0 where there are no registers (scripts come here only where there are).</summary>
    private long ReadArgument(int number) => _context.TryReadRegister(ArgumentRegisters.Of(s_here, number), out ulong value) ? (long)value : 0;

    private long EvaluateMachineBinary(BinaryValue binary, int site)
    {
        long left = EvaluateMachine(binary.Left, site), right = EvaluateMachine(binary.Right, site);
        return binary.Operator switch
        {
            MachineOperator.Add => unchecked(left + right),
            MachineOperator.Subtract => unchecked(left - right),
            MachineOperator.Multiply => unchecked(left * right),
            MachineOperator.And => left & right,
            MachineOperator.Or => left | right,
            MachineOperator.Xor => left ^ right,
            MachineOperator.ShiftLeft => left << (int)(right & 63),
            MachineOperator.ShiftRightLogical => left >>> (int)(right & 63),
            MachineOperator.ShiftRightArithmetic => left >> (int)(right & 63),
            MachineOperator.Equal => left == right ? 1 : 0,
            MachineOperator.NotEqual => left != right ? 1 : 0,
            MachineOperator.LessSigned => left < right ? 1 : 0,
            MachineOperator.LessUnsigned => (ulong)left < (ulong)right ? 1 : 0,
            _ => throw new UnreachableException($"{binary.Operator} is no machine operator"),
        };
    }

    /// <summary>The target's memory at an address; what cannot be read is a read fault with that address.</summary>
    private long LoadTarget(long address, int size, bool signExtend, int site)
    {
        Span<byte> word = stackalloc byte[8];
        word.Clear();
        if (_failing)
            return 0;
        if (!_context.TryRead((ulong)address, word[..size]))
        {
            Raise(RuntimeError.ReadFault, site, address);
            return 0;
        }

        return Extend(BinaryPrimitives.ReadInt64LittleEndian(word), size, signExtend);
    }

    /// <summary>Widens the low bytes of a value to 64 bits.</summary>
    private static long Extend(long value, int size, bool signExtend)
    {
        int unused = 64 - (size * 8);
        return signExtend ? value << unused >> unused : value << unused >>> unused;
    }
}
