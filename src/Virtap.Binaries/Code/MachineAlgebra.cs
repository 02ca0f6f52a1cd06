namespace Virtap.Binaries.Code;

/// <summary>
/// Builds machine expressions and simplifies them on the way, so that two computations of one value tend to become one expression and
/// that no backend computes what is known here already. Never changes a value, nor adds a load.
/// </summary>
internal static class MachineAlgebra
{
    /// <summary>A sum; constants are gathered on the right.</summary>
    public static MachineExpression Add(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(unchecked(a.Value + b.Value)),
        (ConstantValue, _) => Add(right, left),
        (_, ConstantValue { Value: 0 }) => left,
        (ImageAddress a, ConstantValue b) => new ImageAddress(unchecked(a.Address + (ulong)b.Value)),
        (BinaryValue { Operator: MachineOperator.Add, Right: ConstantValue } a, ConstantValue) => Add(a.Left, Add(a.Right, right)),
        (BinaryValue { Operator: MachineOperator.Add, Right: ConstantValue } a, _) => Add(Add(a.Left, right), a.Right),
        (_, BinaryValue { Operator: MachineOperator.Add, Right: ConstantValue } b) => Add(Add(left, b.Left), b.Right),
        _ => new BinaryValue(MachineOperator.Add, left, right),
    };

    /// <summary>A difference.</summary>
    public static MachineExpression Subtract(MachineExpression left, MachineExpression right) => right switch
    {
        ConstantValue b => Add(left, new ConstantValue(unchecked(-b.Value))),
        _ when left == right => new ConstantValue(0),
        _ => new BinaryValue(MachineOperator.Subtract, left, right),
    };

    /// <summary>A product, low 64 bits.</summary>
    public static MachineExpression Multiply(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(unchecked(a.Value * b.Value)),
        (ConstantValue, _) => Multiply(right, left),
        (_, ConstantValue { Value: 0 }) => right,
        (_, ConstantValue { Value: 1 }) => left,
        (_, ConstantValue { Value: > 0 and long factor }) when long.IsPow2(factor) =>
            ShiftLeft(left, new ConstantValue(long.TrailingZeroCount(factor))),
        _ => new BinaryValue(MachineOperator.Multiply, left, right),
    };

    public static MachineExpression And(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(a.Value & b.Value),
        (ConstantValue, _) => And(right, left),
        (_, ConstantValue { Value: 0 }) => right,
        (_, ConstantValue { Value: -1 }) => left,
        (_, ConstantValue { Value: 0xff }) => Extend(left, 1, signExtend: false),
        (_, ConstantValue { Value: 0xffff }) => Extend(left, 2, signExtend: false),
        (_, ConstantValue { Value: 0xffffffff }) => Extend(left, 4, signExtend: false),
        (BinaryValue { Operator: MachineOperator.And, Right: ConstantValue } a, ConstantValue) => And(a.Left, And(a.Right, right)),
        _ when left == right => left,
        _ => new BinaryValue(MachineOperator.And, left, right),
    };

    public static MachineExpression Or(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(a.Value | b.Value),
        (ConstantValue, _) => Or(right, left),
        (_, ConstantValue { Value: 0 }) => left,
        (_, ConstantValue { Value: -1 }) => right,
        _ when left == right => left,
        _ => new BinaryValue(MachineOperator.Or, left, right),
    };

    public static MachineExpression Xor(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(a.Value ^ b.Value),
        (ConstantValue, _) => Xor(right, left),
        (_, ConstantValue { Value: 0 }) => left,
        (BinaryValue { Operator: MachineOperator.Equal } a, ConstantValue { Value: 1 }) => a with { Operator = MachineOperator.NotEqual },
        (BinaryValue { Operator: MachineOperator.NotEqual } a, ConstantValue { Value: 1 }) => a with { Operator = MachineOperator.Equal },
        (BinaryValue { Operator: MachineOperator.Xor, Right: ConstantValue } a, ConstantValue) => Xor(a.Left, Xor(a.Right, right)),
        _ when left == right => new ConstantValue(0),
        _ => new BinaryValue(MachineOperator.Xor, left, right),
    };

    public static MachineExpression ShiftLeft(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(a.Value << (int)(b.Value & 63)),
        (_, ConstantValue { Value: 0 }) => left,
        (BinaryValue { Operator: MachineOperator.ShiftLeft, Right: ConstantValue { Value: >= 0 and long inner } } a,
            ConstantValue { Value: >= 0 and long outer })
            when inner + outer < 64 => a with { Right = new ConstantValue(inner + outer) },
        _ => new BinaryValue(MachineOperator.ShiftLeft, left, right),
    };

    public static MachineExpression ShiftRightLogical(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(a.Value >>> (int)(b.Value & 63)),
        (_, ConstantValue { Value: 0 }) => left,
        (_, ConstantValue b) when BitsOf(left) <= (b.Value & 63) => new ConstantValue(0),
        _ => new BinaryValue(MachineOperator.ShiftRightLogical, left, right),
    };

    public static MachineExpression ShiftRightArithmetic(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => new ConstantValue(a.Value >> (int)(b.Value & 63)),
        (_, ConstantValue { Value: 0 }) => left,
        _ when BitsOf(left) < 64 => ShiftRightLogical(left, right),
        _ => new BinaryValue(MachineOperator.ShiftRightArithmetic, left, right),
    };

    /// <summary>A comparison: one of the operators that yield 1 or 0.</summary>
    public static MachineExpression Compare(MachineOperator comparison, MachineExpression left, MachineExpression right) =>
        (comparison, left, right) switch
    {
        (MachineOperator.Equal, ConstantValue a, ConstantValue b) => Truth(a.Value == b.Value),
        (MachineOperator.NotEqual, ConstantValue a, ConstantValue b) => Truth(a.Value != b.Value),
        (MachineOperator.LessSigned, ConstantValue a, ConstantValue b) => Truth(a.Value < b.Value),
        (MachineOperator.LessUnsigned, ConstantValue a, ConstantValue b) => Truth((ulong)a.Value < (ulong)b.Value),
        (MachineOperator.Equal, _, ConstantValue { Value: 0 }) when BitsOf(left) == 1 => Xor(left, Truth(true)),
        (MachineOperator.NotEqual, _, ConstantValue { Value: 0 }) when BitsOf(left) == 1 => left,
        (MachineOperator.Equal or MachineOperator.NotEqual, _, _) when left == right => Truth(comparison == MachineOperator.Equal),
        _ => new BinaryValue(comparison, left, right),
    };

    /// <summary>
    /// <paramref name="condition"/> (1 or 0) ? <paramref name="then"/> : <paramref name="otherwise"/>; all three are computed.
    /// </summary>
    public static MachineExpression Select(MachineExpression condition, MachineExpression then, MachineExpression otherwise) =>
        condition switch
    {
        ConstantValue { Value: var truth } => truth != 0 ? then : otherwise,
        _ when then == otherwise => then,
        _ => Add(Multiply(condition, Subtract(then, otherwise)), otherwise),
    };

    /// <summary>The low bits of a value, turned to the left within a size; what is above them is anything.</summary>
    public static MachineExpression RotateLeft(MachineExpression value, long places, int bits)
        => Or(ShiftLeft(value, new ConstantValue(places)), ShiftRightLogical(value, new ConstantValue(bits - places)));

    /// <summary>The low bytes of a value in the other order, the rest zero.</summary>
    public static MachineExpression SwapBytes(MachineExpression value, int size)
    {
        MachineExpression swapped = new ConstantValue(0);
        for (int at = 0; at < size; at++)
        {
            MachineExpression one = And(ShiftRightLogical(value, new ConstantValue(at * 8)), new ConstantValue(0xff));
            swapped = Or(ShiftLeft(one, new ConstantValue((size - 1 - at) * 8)), swapped);
        }

        return swapped;
    }

    /// <summary>The low bytes of a value, widened by sign or by zeros.</summary>
    public static MachineExpression Extend(MachineExpression operand, int size, bool signExtend)
    {
        if (size >= 8)
            return operand;
        int bits = size * 8;
        long mask = (1L << bits) - 1;
        if (BitsOf(operand) <= (signExtend ? bits - 1 : bits))
            return operand;
        switch (operand)
        {
            case ConstantValue constant:
                return new ConstantValue(signExtend ? constant.Value << (64 - bits) >> (64 - bits) : constant.Value & mask);
            case ExtendValue inner when inner.Size >= size:
                return Extend(inner.Operand, size, signExtend);
            case ExtendValue { SignExtend: true } when signExtend:
                return operand;
            case LoadValue load when load.Size >= size:
                return load with { Size = size, SignExtend = signExtend };
            case LoadValue { SignExtend: true } when signExtend:
                return operand;
            case BinaryValue { Operator: MachineOperator.Or,
                Left: BinaryValue { Operator: MachineOperator.And, Right: ConstantValue kept } } binary
                when (kept.Value & mask) == 0:
                return Extend(binary.Right, size, signExtend);
            case BinaryValue { Operator: MachineOperator.And, Right: ConstantValue kept } binary when (kept.Value & mask) == mask:
                return Extend(binary.Left, size, signExtend);
            case BinaryValue binary when LowBitsComeFromLowBits(binary.Operator):
                return ExtendRebuilt(
                    binary, Rebuild(binary.Operator, Narrow(binary.Left, size), Narrow(binary.Right, size)), size, signExtend);
            case BinaryValue { Operator: MachineOperator.ShiftLeft } binary:
                return ExtendRebuilt(binary, ShiftLeft(Narrow(binary.Left, size), binary.Right), size, signExtend);
            default:
                return new ExtendValue(operand, size, signExtend);
        }
    }

    /// <summary>How many low bits a value needs at most, all higher ones being zero; 64 where nothing is known.</summary>
    public static int BitsOf(MachineExpression value) => value switch
    {
        ConstantValue constant => 64 - (int)long.LeadingZeroCount(constant.Value),
        LoadValue { SignExtend: false } load => load.Size * 8,
        ExtendValue { SignExtend: false } extend => Math.Min(extend.Size * 8, BitsOf(extend.Operand)),
        BinaryValue { Operator: MachineOperator.And } and => Math.Min(BitsOf(and.Left), BitsOf(and.Right)),
        BinaryValue { Operator: MachineOperator.Or or MachineOperator.Xor } or => Math.Max(BitsOf(or.Left), BitsOf(or.Right)),
        BinaryValue { Operator: MachineOperator.ShiftRightLogical, Right: ConstantValue count } shift =>
            Math.Max(0, BitsOf(shift.Left) - (int)(count.Value & 63)),
        BinaryValue { Operator: MachineOperator.ShiftLeft, Right: ConstantValue count } shift =>
            Math.Min(64, BitsOf(shift.Left) + (int)(count.Value & 63)),
        BinaryValue { Operator: >= MachineOperator.Equal } => 1,
        _ => 64,
    };

    /// <summary>How many nodes an expression has, counted no further than a limit.</summary>
    public static int Weigh(MachineExpression value, int limit) => value switch
    {
        _ when limit <= 1 => 1,
        LoadValue load => 1 + Weigh(load.Address, limit - 1),
        ExtendValue extend => 1 + Weigh(extend.Operand, limit - 1),
        BinaryValue binary => WeighPair(binary, limit - 1),
        _ => 1,
    };

    /// <summary>Splits an address into what varies and a constant distance from it.</summary>
    public static (MachineExpression Base, long Offset) Split(MachineExpression address) => address switch
    {
        ConstantValue constant => (new ConstantValue(0), constant.Value),
        ImageAddress image => (new ImageAddress(0), (long)image.Address),
        BinaryValue { Operator: MachineOperator.Add, Right: ConstantValue constant } sum => (sum.Left, constant.Value),
        _ => (address, 0),
    };

    private static int WeighPair(BinaryValue binary, int limit)
    {
        int left = Weigh(binary.Left, limit);
        return 1 + left + (left < limit ? Weigh(binary.Right, limit - left) : 0);
    }

    private static MachineExpression ExtendRebuilt(BinaryValue before, MachineExpression after, int size, bool signExtend)
        => after is BinaryValue same
            && same.Operator == before.Operator ? new ExtendValue(after, size, signExtend) : Extend(after, size, signExtend);

    private static ConstantValue Truth(bool value) => new(value ? 1 : 0);

    private static bool LowBitsComeFromLowBits(MachineOperator operation) => operation is MachineOperator.Add or MachineOperator.Subtract
        or MachineOperator.Multiply or MachineOperator.And or MachineOperator.Or or MachineOperator.Xor;

    /// <summary>Takes off a widening that cannot matter when only the low bytes are used.</summary>
    private static MachineExpression Narrow(MachineExpression value, int size) =>
        value is ExtendValue extend && extend.Size >= size ? Narrow(extend.Operand, size) : value;

    private static MachineExpression Rebuild(MachineOperator operation, MachineExpression left, MachineExpression right) => operation switch
    {
        MachineOperator.Add => Add(left, right),
        MachineOperator.Subtract => Subtract(left, right),
        MachineOperator.Multiply => Multiply(left, right),
        MachineOperator.And => And(left, right),
        MachineOperator.Or => Or(left, right),
        _ => Xor(left, right),
    };
}
