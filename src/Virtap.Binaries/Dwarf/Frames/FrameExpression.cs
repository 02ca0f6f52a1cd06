using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>
/// Runs an expression of call frame information on numbers: the registers of a stopped thread, or of a caller as far as it is known, and
/// its memory. What it does not say in bounded steps, or from what is not known, is null. Addresses in it are not moved: those that
/// compilers emit have none.
/// </summary>
internal ref struct FrameExpression(RegisterValues registers, MemoryReader memory)
{
    private const int MaxSteps = 4096, MaxDepth = 64;

    private readonly Span<ulong> _stack = new ulong[MaxDepth];
    private int _depth;
    private bool _hasFailed;

    /// <summary>Runs it.</summary>
    /// <param name="expression">Its bytes.</param>
    /// <param name="initial">What the stack holds at the beginning: the frame's address, for a register's rule.</param>
    public ulong? Run(ReadOnlySpan<byte> expression, ulong? initial)
    {
        if (initial is ulong first)
            Push(first);
        var reader = new DwarfReader(expression);
        for (int step = 0; !reader.AtEnd; step++)
        {
            if (step == MaxSteps)
                return null;
            Step((DwarfOperation)reader.Byte(), ref reader);
            if (_hasFailed)
                return null;
        }

        return _depth > 0 ? _stack[_depth - 1] : null;
    }

    private void Step(DwarfOperation operation, ref DwarfReader reader)
    {
        switch (operation)
        {
            case >= DwarfOperation.Literal0 and < DwarfOperation.Register0:
                Push((ulong)(operation - DwarfOperation.Literal0));
                break;
            case >= DwarfOperation.Register0 and < DwarfOperation.BaseRegister0:
                PushRegister(operation - DwarfOperation.Register0, 0);
                break;
            case >= DwarfOperation.BaseRegister0 and < DwarfOperation.RegisterNumbered:
                PushRegister(operation - DwarfOperation.BaseRegister0, reader.Signed());
                break;
            case DwarfOperation.RegisterNumbered:
                PushRegister((int)Math.Min(reader.Unsigned(), int.MaxValue), 0);
                break;
            case DwarfOperation.BaseRegisterNumbered:
                int number = (int)Math.Min(reader.Unsigned(), int.MaxValue);
                PushRegister(number, reader.Signed());
                break;
            case DwarfOperation.Address or DwarfOperation.Const8U or DwarfOperation.Const8S:
                Push(reader.Fixed(8));
                break;
            case DwarfOperation.Const1U:
                Push(reader.Fixed(1));
                break;
            case DwarfOperation.Const1S:
                Push((ulong)(sbyte)reader.Fixed(1));
                break;
            case DwarfOperation.Const2U:
                Push(reader.Fixed(2));
                break;
            case DwarfOperation.Const2S:
                Push((ulong)(short)reader.Fixed(2));
                break;
            case DwarfOperation.Const4U:
                Push(reader.Fixed(4));
                break;
            case DwarfOperation.Const4S:
                Push((ulong)(int)reader.Fixed(4));
                break;
            case DwarfOperation.ConstU:
                Push(reader.Unsigned());
                break;
            case DwarfOperation.ConstS:
                Push((ulong)reader.Signed());
                break;
            case DwarfOperation.Duplicate:
                Pick(0);
                break;
            case DwarfOperation.Over:
                Pick(1);
                break;
            case DwarfOperation.Pick:
                Pick(reader.Byte());
                break;
            case DwarfOperation.Drop:
                Pop();
                break;
            case DwarfOperation.Swap:
                (ulong top, ulong below) = (Pop(), Pop());
                Push(top);
                Push(below);
                break;
            case DwarfOperation.Rotate:
                (ulong one, ulong two, ulong three) = (Pop(), Pop(), Pop());
                Push(one);
                Push(three);
                Push(two);
                break;
            case DwarfOperation.Dereference:
                Load(8);
                break;
            case DwarfOperation.DereferenceSize:
                Load(reader.Byte());
                break;
            case DwarfOperation.PlusConstant:
                Push(Pop() + reader.Unsigned());
                break;
            case DwarfOperation.Absolute:
                long value = (long)Pop();
                Push((ulong)(value < 0 ? -value : value));
                break;
            case DwarfOperation.Negate:
                Push(0 - Pop());
                break;
            case DwarfOperation.Not:
                Push(~Pop());
                break;
            case DwarfOperation.Skip:
                Jump(ref reader, isTaken: true);
                break;
            case DwarfOperation.Branch:
                Jump(ref reader, isTaken: Pop() != 0);
                break;
            case DwarfOperation.Nop:
                break;
            default:
                StepBinary(operation);
                break;
        }
    }

    private void StepBinary(DwarfOperation operation)
    {
        ulong right = Pop(), left = Pop();
        long signedRight = (long)right, signedLeft = (long)left;
        bool isDivision = operation is DwarfOperation.Divide or DwarfOperation.Modulo;
        if (isDivision && (right == 0 || (signedRight == -1 && signedLeft == long.MinValue)))
        {
            _hasFailed = true;
            return;
        }

        ulong? result = operation switch
        {
            DwarfOperation.And => left & right,
            DwarfOperation.Divide => (ulong)(signedLeft / signedRight),
            DwarfOperation.Minus => left - right,
            DwarfOperation.Modulo => left % right,
            DwarfOperation.Multiply => left * right,
            DwarfOperation.Or => left | right,
            DwarfOperation.Plus => left + right,
            DwarfOperation.ShiftLeft => right < 64 ? left << (int)right : 0,
            DwarfOperation.ShiftRight => right < 64 ? left >> (int)right : 0,
            DwarfOperation.ShiftRightArithmetic => (ulong)(signedLeft >> (int)Math.Min(right, 63)),
            DwarfOperation.Xor => left ^ right,
            DwarfOperation.Equal => left == right ? 1ul : 0,
            DwarfOperation.NotEqual => left != right ? 1ul : 0,
            DwarfOperation.Less => signedLeft < signedRight ? 1ul : 0,
            DwarfOperation.LessOrEqual => signedLeft <= signedRight ? 1ul : 0,
            DwarfOperation.Greater => signedLeft > signedRight ? 1ul : 0,
            DwarfOperation.GreaterOrEqual => signedLeft >= signedRight ? 1ul : 0,
            _ => null,
        };
        _hasFailed |= result is null;
        Push(result ?? 0);
    }

    private void PushRegister(int number, long offset)
    {
        _hasFailed |= registers[number] is null;
        Push((registers[number] ?? 0) + (ulong)offset);
    }

    private void Load(int size)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (size is < 1 or > sizeof(ulong) || !memory(Pop(), bytes[..size]))
            _hasFailed = true;
        else
            Push(new DwarfReader(bytes[..size]).Fixed(size));
    }

    private void Jump(ref DwarfReader reader, bool isTaken)
    {
        int distance = (short)reader.Fixed(2);
        if (!isTaken)
            return;
        _hasFailed |= reader.Position + distance < 0;
        reader.Position += distance;
    }

    private void Pick(int index)
    {
        _hasFailed |= index >= _depth;
        Push(index < _depth ? _stack[_depth - 1 - index] : 0);
    }

    private void Push(ulong value)
    {
        if (_depth == MaxDepth)
            _hasFailed = true;
        else
            _stack[_depth++] = value;
    }

    private ulong Pop()
    {
        if (_depth > 0)
            return _stack[--_depth];
        _hasFailed = true;
        return 0;
    }
}
