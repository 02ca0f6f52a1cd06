using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;
using Virtap.Debugging.Targets;
using Virtap.Debugging.Values;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Evaluation;

/// <summary>Finds where variables are: computes what debug information says, with a frame's registers and the target's memory.</summary>
/// <param name="registers">The registers of the frame; null for none.</param>
/// <param name="memory">The memory.</param>
/// <param name="image">The variable's file; null for none.</param>
/// <param name="thread">What the thread has beside its general registers.</param>
internal sealed class MachineEvaluator(RegisterValues? registers, TargetMemory memory, LoadedImage? image, ThreadValues thread)
{
    /// <summary>What stands in place of a value that the compiler has not kept.</summary>
    public const string OptimizedOut = "<optimized out>";

    // In what FXSAVE writes, and in struct user_fpsimd_state; DWARF's numbers of the first of them.
    private const int VectorsAtX64 = 160, VectorBytes = 16, FirstVectorX64 = 17, FirstVectorArm64 = 64;

    /// <summary>The value of a variable, which may be one that says why there is none.</summary>
    public Value Read(CType type, DebugLocation location)
    {
        switch (location)
        {
            case MemoryLocation where:
                return Compute(where.Address) is ulong address ? Value.At(type, memory, address) : Value.Absent(type, OptimizedOut);
            case ValueLocation known:
                return Compute(known.Value) is ulong value
                    ? Value.Of(type, Numbers.Bytes(value, Math.Max((int)(type.Size ?? 8), 8))) : Value.Absent(type, OptimizedOut);
            case CompositeLocation pieces:
                return Assemble(type, pieces) is { } bytes ? Value.Of(type, bytes) : Value.Absent(type, OptimizedOut);
            case ThreadLocalLocation local:
                return thread.Pointer is ulong pointer && image is { IsProgram: true } && Compute(local.Offset) is ulong offset
                    && ThreadLocals.AddressOf(image, pointer, offset) is ulong place
                        ? Value.At(type, memory, place) : Value.Absent(type, "<it lies in thread-local storage that cannot be found>");
            case VectorRegisterLocation vector:
                return Vector(vector.Number) is { } bits && (type.Size ?? 0) <= bits.Length
                    ? Value.Of(type, bits) : Value.Absent(type, OptimizedOut);
            case NoLocation none:
                // What a parameter was at the entry only callers could tell: to debuggers it is gone as well.
                bool isGone = none.Reason.Contains("optimized out", StringComparison.Ordinal)
                    || none.Reason.Contains("at its function's entry", StringComparison.Ordinal);
                return Value.Absent(type, isGone ? OptimizedOut : $"<{none.Reason}>");
            default:
                return Value.Absent(type, OptimizedOut);
        }
    }

    private byte[]? Vector(int number)
    {
        bool isX64 = HostArchitecture.Current == Architecture.X64;
        int at = isX64 ? VectorsAtX64 + (VectorBytes * (number - FirstVectorX64)) : VectorBytes * (number - FirstVectorArm64);
        return thread.Vectors() is { } all && at >= 0 && at + VectorBytes <= all.Length ? all[at..(at + VectorBytes)] : null;
    }

    private byte[]? Assemble(CType type, CompositeLocation pieces)
    {
        var bytes = new List<byte>();
        foreach (DebugPiece piece in pieces.Pieces)
        {
            var part = new ArrayType(new IntegerType(null, 1, IsSigned: false), Math.Min(piece.Bytes, Value.MaxBytes));
            Value value = Read(part, piece.Location);
            if (value.Absence is not null)
                return null;
            bytes.AddRange(value.Bytes);
        }

        return bytes.Count >= (type.Size ?? 0) ? [.. bytes] : null;
    }

    private ulong? Compute(MachineExpression expression)
    {
        switch (expression)
        {
            case ConstantValue constant:
                return (ulong)constant.Value;
            case ImageAddress linked:
                return linked.Address + (image?.Bias ?? 0);
            case RegisterValue register:
                return registers?[register.Register.DwarfNumber];
            case LoadValue load:
                return Compute(load.Address) is ulong address ? Load(address, load.Size, load.SignExtend) : null;
            case ExtendValue extend:
                return Compute(extend.Operand) is ulong value ? Extend(value, extend.Size, extend.SignExtend) : null;
            case BinaryValue binary:
                return Compute(binary.Left) is ulong left && Compute(binary.Right) is ulong right
                    ? Apply(binary.Operator, left, right) : null;
            default:
                return null;
        }
    }

    private ulong? Load(ulong address, int size, bool isSigned)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        return memory.TryRead(address, bytes[..size])
            ? Extend(BitConverter.ToUInt64(bytes), size, isSigned) : throw new MemoryFaultException(address);
    }

    private static ulong Extend(ulong value, int size, bool isSigned)
    {
        int shift = 64 - (8 * size);
        return isSigned ? (ulong)((long)(value << shift) >> shift) : value << shift >> shift;
    }

    private static ulong Apply(MachineOperator operation, ulong a, ulong b) => operation switch
    {
        MachineOperator.Add => a + b,
        MachineOperator.Subtract => a - b,
        MachineOperator.Multiply => a * b,
        MachineOperator.And => a & b,
        MachineOperator.Or => a | b,
        MachineOperator.Xor => a ^ b,
        MachineOperator.ShiftLeft => a << (int)(b & 63),
        MachineOperator.ShiftRightLogical => a >> (int)(b & 63),
        MachineOperator.ShiftRightArithmetic => (ulong)((long)a >> (int)(b & 63)),
        MachineOperator.Equal => a == b ? 1u : 0,
        MachineOperator.NotEqual => a != b ? 1u : 0,
        MachineOperator.LessSigned => (long)a < (long)b ? 1u : 0,
        MachineOperator.LessUnsigned => a < b ? 1u : 0,
    };
}
