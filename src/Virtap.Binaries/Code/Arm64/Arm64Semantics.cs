using System.Numerics;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>
/// What instructions of AArch64 make of a machine's state besides passing control on: all of the integer instructions that compilers write;
/// vectors are not followed.
/// </summary>
internal readonly partial struct Arm64Semantics(SymbolicMachine machine)
{
    // The number 31 is the zero register or the stack pointer, as the instruction has it.
    private const int ZeroOrStackPointer = 31;

    private static readonly SymbolicValue s_notFollowed = SymbolicValue.Unknown("it is computed by an instruction that is not followed");

    /// <summary>Runs one instruction.</summary>
    /// <param name="word">The instruction.</param>
    /// <param name="address">Where it stands.</param>
    public void Step(Arm64Word word, ulong address)
    {
        switch (word.Field(25, 4))
        {
            case 0b1000 or 0b1001:
                StepImmediate(word, address);
                break;
            case 0b1010 or 0b1011:
                StepSystem(word);
                break;
            case 0b0101 or 0b1101:
                StepRegister(word);
                break;
            case 0b0100 or 0b0110 or 0b1100 or 0b1110:
                StepMemory(word, address);
                break;
            case 0b0111 or 0b1111:
                // Vectors and floating point: these put something into a general register (fcvt*, fmov; umov, smov).
                bool converts = word.Matches(0x5f20fc00, 0x1e200000) && word.Field(16, 3) is 0 or 1 or 4 or 5 or 6;
                if (converts || word.Matches(0xbfe0f400, 0x0e002400))
                    Write(word.Target, s_notFollowed);
                break;
            default:
                machine.ForgetAll(s_notFollowed.Reason);
                break;
        }
    }

    /// <summary>Jumps, for what they test; and system instructions.</summary>
    private void StepSystem(Arm64Word word)
    {
        if (word.IsCompareAndJump)
        {
            machine.Test(Read(word.Target, word.Size));
        }
        else if (word.IsTestAndJump)
        {
            machine.Test(Bit(Read(word.Target, 8), word.TestedBit));
        }
        else if (word.Matches(0xfff00000, 0xd5300000))
        {
            // mrs
            Write(word.Target, SymbolicValue.Unknown("it comes from a system register"));
        }
        else if (word.Matches(0xfff80000, 0xd5080000))
        {
            // sys: dc zva clears memory
            machine.Overwrite(s_notFollowed.Reason);
        }
    }

    private void StepImmediate(Arm64Word word, ulong address)
    {
        switch (word.Field(23, 3))
        {
            case 0 or 1:
                // adr, adrp
                Write(word.Target, SymbolicValue.Of(new ImageAddress(word.AddressAt(address))));
                break;
            case 2:
                AddOrSubtract(
                    word, ReadBase(word.Left), SymbolicValue.Constant((long)word.Field(10, 12) << (word.Bit(22) ? 12 : 0)), isBase: true);
                break;
            case 4 when word.Mask is { } mask:
                Logic(word, Read(word.Left, word.Size), SymbolicValue.Constant((long)mask), isBase: true);
                break;
            case 5:
                MoveWide(word);
                break;
            case 6:
                MoveBits(word);
                break;
            case 7:
                Extract(word);
                break;
            default:
                Write(word.Target, s_notFollowed);
                break;
        }
    }

    private void StepRegister(Arm64Word word)
    {
        if (word.Matches(0x1f000000, 0x0a000000))
        {
            SymbolicValue right = Shifted(word);
            Logic(
                word, Read(word.Left, word.Size), word.Bit(21)
                ? right.Apply(static value => MachineAlgebra.Xor(value, new ConstantValue(-1))) : right, isBase: false);
        }
        else if (word.Matches(0x1f200000, 0x0b000000))
        {
            AddOrSubtract(word, Read(word.Left, word.Size), Shifted(word), isBase: false);
        }
        else if (word.Matches(0x1fe00000, 0x0b200000))
        {
            AddOrSubtract(word, ReadBase(word.Left), Extended(word, word.Field(10, 3)), isBase: true);
        }
        else if (word.Matches(0x1f000000, 0x1b000000))
        {
            Multiply(word);
        }
        else if (word.Matches(0x1fe00000, 0x1a800000))
        {
            Select(word);
        }
        else if (word.Matches(0x5fe00000, 0x1ac00000) && word.Field(12, 4) == 2)
        {
            // lslv, lsrv, asrv, rorv
            SymbolicValue places = Read(word.Right, 8).Apply(value => MachineAlgebra.And(value, new ConstantValue(word.Size * 8 - 1)));
            Write(word.Target, Shift(Read(word.Left, word.Size), word.Field(10, 2), places, word.Size), word.Size);
        }
        else if (word.Matches(0x7ffffc00, 0x5ac00800) || word.Matches(0xfffffc00, 0xdac00c00))
        {
            // rev of a whole register
            Write(word.Target, Read(word.Left, word.Size).Apply(value => MachineAlgebra.SwapBytes(value, word.Size)), word.Size);
        }
        else if (word.Matches(0x1fe00000, 0x1a400000))
        {
            // ccmp, ccmn
            machine.Flags = SymbolicFlags.Unknown("it depends on two comparisons at once");
        }
        else
        {
            Write(word.Target, s_notFollowed);
            // adcs, sbcs, and what writes flags alone
            if (word.Matches(0x1fe00000, 0x1a000000))
                machine.Flags = SymbolicFlags.Unknown(s_notFollowed.Reason);
        }
    }

    private void AddOrSubtract(Arm64Word word, SymbolicValue left, SymbolicValue right, bool isBase)
    {
        bool subtracts = word.Bit(30), setsFlags = word.Bit(29);
        SymbolicValue result = SymbolicValue.Apply(left, right, subtracts ? MachineAlgebra.Subtract : MachineAlgebra.Add).Low(word.Size);
        if (setsFlags)
            machine.Flags = subtracts ? SymbolicFlags.OfDifference(left, right, word.Size) : SymbolicFlags.OfResult(result, word.Size);
        if (isBase && !setsFlags)
            machine[word.Target] = result;
        else
            Write(word.Target, result);
    }

    private void Logic(Arm64Word word, SymbolicValue left, SymbolicValue right, bool isBase)
    {
        int operation = word.Field(29, 2);
        SymbolicValue result = SymbolicValue.Apply(left, right, operation switch
        {
            1 => MachineAlgebra.Or,
            2 => MachineAlgebra.Xor,
            _ => MachineAlgebra.And,
        }).Low(word.Size);
        // Carry is clear here as it is after x86's, but stands for the opposite.
        if (operation == 3)
            machine.Flags = SymbolicFlags.OfResult(result, word.Size);
        else if (operation == 0 && right.Expression is ConstantValue { Value: var mask } && BitOperations.IsPow2((ulong)mask))
            machine.Test(result);
        if (isBase && operation != 3)
            machine[word.Target] = result;
        else
            Write(word.Target, result);
    }

    // movn, movz, movk
    private void MoveWide(Arm64Word word)
    {
        int at = word.Field(21, 2) * 16;
        long bits = (long)word.Field(5, 16) << at;
        SymbolicValue value = word.Field(29, 2) switch
        {
            0 => SymbolicValue.Constant(~bits),
            2 => SymbolicValue.Constant(bits),
            3 => Read(word.Target, word.Size).Apply(old => Replace(old, 0xffffL << at, new ConstantValue(bits))),
            _ => s_notFollowed,
        };
        Write(word.Target, value, word.Size);
    }

    // sbfm, bfm, ubfm: a field taken out or put in, with all their names: lsl, lsr, asr, ubfx, sbfiz, bfi, bfxil, uxtb, sxtw ...
    private void MoveBits(Arm64Word word)
    {
        int operation = word.Field(29, 2), rotate = word.Field(16, 6), last = word.Field(10, 6), width = word.Size * 8;
        if (operation == 3 || rotate >= width || last >= width)
        {
            Write(word.Target, s_notFollowed);
            return;
        }

        bool takesOut = last >= rotate, isSigned = operation == 0;
        int at = takesOut ? 0 : width - rotate, bits = takesOut ? last - rotate + 1 : last + 1;
        SymbolicValue field = Read(word.Left, word.Size).Apply(value => Field(
            takesOut ? MachineAlgebra.ShiftRightLogical(value, new ConstantValue(rotate)) : value,
            bits, isSigned, isTop: !isSigned && (takesOut ? bits + rotate : bits + at) == width));
        if (takesOut && bits == 1)
            machine.Test(Bit(Read(word.Left, word.Size), rotate));
        field = field.Apply(value => MachineAlgebra.ShiftLeft(value, new ConstantValue(at)));
        if (operation == 1)
        {
            long replaced = (bits == 64 ? -1 : (1L << bits) - 1) << at;
            field = SymbolicValue.Apply(Read(word.Target, word.Size), field, (old, value) => Replace(old, replaced, value));
        }

        Write(word.Target, field, word.Size);
    }

    // extr, and ror of a constant: the end of one register and the beginning of another
    private void Extract(Arm64Word word)
    {
        int places = word.Field(10, 6), width = word.Size * 8;
        SymbolicValue joined = places == 0 || places >= width ? s_notFollowed : SymbolicValue.Apply(
            Read(word.Left, word.Size), Read(word.Right, word.Size), (high, low) => MachineAlgebra.Or(
                MachineAlgebra.ShiftLeft(high, new ConstantValue(width - places)),
                MachineAlgebra.ShiftRightLogical(low, new ConstantValue(places))));
        Write(word.Target, joined, word.Size);
    }

    // madd, msub, smaddl, smsubl, umaddl, umsubl; of smulh and umulh nothing
    private void Multiply(Arm64Word word)
    {
        (int size, bool isSigned)? factor = word.Field(21, 3) switch
        {
            0 => (word.Size, false),
            1 => (4, true),
            5 => (4, false),
            _ => null,
        };
        if (factor is not var (from, signed))
        {
            Write(word.Target, s_notFollowed);
            return;
        }

        SymbolicValue product = SymbolicValue.Apply(
            Read(word.Left, 8).Low(from, signed), Read(word.Right, 8).Low(from, signed), MachineAlgebra.Multiply);
        SymbolicValue sum = SymbolicValue.Apply(
            Read(word.Third, word.Size), product, word.Bit(15)
            ? MachineAlgebra.Subtract : static (rest, by) => MachineAlgebra.Add(by, rest));
        Write(word.Target, sum, word.Size);
    }

    // csel, csinc, csinv, csneg
    private void Select(Arm64Word word)
    {
        SymbolicValue otherwise = Read(word.Right, word.Size).Apply(value =>
        {
            MachineExpression inverted = word.Bit(30) ? MachineAlgebra.Xor(value, new ConstantValue(-1)) : value;
            return word.Bit(10) ? MachineAlgebra.Add(inverted, new ConstantValue(1)) : inverted;
        });
        Write(
            word.Target, SymbolicValue.Select(machine.Flags.Holds(ConditionOf(word.Field(12, 4))), Read(word.Left, word.Size), otherwise),
            word.Size);
    }

    /// <summary>The condition that four bits name; two of sixteen always hold.</summary>
    public static FlagCondition ConditionOf(int bits) => bits switch
    {
        0 => FlagCondition.Equal,
        1 => FlagCondition.NotEqual,
        2 => FlagCondition.AboveOrEqual,
        3 => FlagCondition.Below,
        4 => FlagCondition.Negative,
        5 => FlagCondition.NotNegative,
        8 => FlagCondition.Above,
        9 => FlagCondition.BelowOrEqual,
        10 => FlagCondition.GreaterOrEqual,
        11 => FlagCondition.Less,
        12 => FlagCondition.Greater,
        13 => FlagCondition.LessOrEqual,
        _ => FlagCondition.Other,
    };
}
