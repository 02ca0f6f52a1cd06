using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// Numbers as text: sign or prefix, zeros, digits, within a width, as SystemTap's runtime does it. Other than in C the flag 0 holds
/// beside a precision, zero has a digit even with precision 0, and the alternate form of octal always has one zero more.
/// </summary>
internal static class NumberRoutine
{
    private static readonly Routine DigitStep = new("digit_step", 2, EmitDigitStep);

    /// <summary>The most digits: 22 octal ones.</summary>
    private const int MaxDigits = 24;

    // Digits are made from the last to the first, in the context's scratch words, before a zero. What is left of the number is in memory
    // too, where the verifier knows nothing of it: on the stack it would follow a number it knows through every digit.
    private const int DigitsEnd = ContextCells.Scratch + MaxDigits;
    private const int Value = DigitsEnd + 8;

    private const int Zeros = -8;
    private const int Padding = -16;
    private const int Sign = -24;
    private const int Cursor = -32;
    private const int Digits = -56; // words of the digit step: radix, letters, the context's offset
    private const int Radix = Digits;
    private const int Letters = Digits + 8;
    private const int ContextWord = Digits + 16;

    public static void Emit(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        // R6 where, R7 length so far, R8 the context's offset, R9 the format.
        code.Move(BpfRegister.R8, BpfRegister.R1);
        code.Move(BpfRegister.R6, BpfRegister.R2);
        code.Move(BpfRegister.R7, BpfRegister.R3);
        code.Move(BpfRegister.R9, BpfRegister.R5);
        EmitSign(set);
        EmitDigits(set);
        EmitLayout(set);

        // blanks, sign, 0x, zeros, digits, blanks
        EmitFill(set, ' ', Padding, condition: BpfCondition.SignedGreater);
        EmitFillOf(set, () => code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R10, Sign));
        BpfLabel noPrefix = code.NewLabel(), lower = code.NewLabel();
        EmitUnlessHexadecimalPrefix(set, noPrefix);
        EmitFillOf(set, () => code.Move(BpfRegister.R3, '0'));
        code.Move(BpfRegister.R3, 'X');
        code.Jump(BpfCondition.AnyBit, BpfRegister.R9, NumberFormat.UpperBit, lower);
        code.Move(BpfRegister.R3, 'x');
        code.Bind(lower);
        EmitFillOf(set, () => { });
        code.Bind(noPrefix);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R10, Zeros);
        EmitFillOf(set, () => code.Move(BpfRegister.R3, '0'), loadsCount: false);
        code.Move(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, BpfRegister.R7);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R10, Cursor);
        code.Move(BpfRegister.R4, -1);
        set.Call(Routine.AppendText);
        code.Move(BpfRegister.R7, BpfRegister.R0);
        EmitFill(set, ' ', Padding, condition: BpfCondition.SignedLess);
        code.Move(BpfRegister.R0, BpfRegister.R7);
        code.Exit();
    }

    /// <summary>R4 holds the number; makes it positive, and stores the sign's character or 0.</summary>
    private static void EmitSign(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel store = code.NewLabel(), positive = code.NewLabel(), plus = code.NewLabel();
        BpfLabel blank = code.NewLabel(), signed = code.NewLabel();
        code.Move(BpfRegister.R1, 0);
        code.Jump(BpfCondition.AnyBit, BpfRegister.R9, NumberFormat.SignedBit, signed);
        code.Jump(store);
        code.Bind(signed);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R4, 0, positive);
        code.Negate(BpfRegister.R4);
        code.Move(BpfRegister.R1, '-');
        code.Jump(store);
        code.Bind(positive);
        code.Jump(BpfCondition.AnyBit, BpfRegister.R9, NumberFormat.PlusBit, plus);
        code.Jump(BpfCondition.AnyBit, BpfRegister.R9, NumberFormat.SpaceBit, blank);
        code.Jump(store);
        code.Bind(plus);
        code.Move(BpfRegister.R1, '+');
        code.Jump(store);
        code.Bind(blank);
        code.Move(BpfRegister.R1, ' ');
        code.Bind(store);
        code.Store(BpfSize.Double, BpfRegister.R10, Sign, BpfRegister.R1);
        code.Move(BpfRegister.R1, BpfRegister.R8);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        code.Store(BpfSize.Double, BpfRegister.R2, Value, BpfRegister.R4);
    }

    private static void EmitDigits(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel upper = code.NewLabel();
        code.Move(BpfRegister.R1, BpfRegister.R8);
        code.Alu(BpfAluOperator.Add, BpfRegister.R1, DigitsEnd);
        code.Store(BpfSize.Double, BpfRegister.R10, Cursor, BpfRegister.R1);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        code.Move(BpfRegister.R1, 0);
        code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R1);
        code.Move(BpfRegister.R1, BpfRegister.R9);
        code.Alu(BpfAluOperator.And, BpfRegister.R1, 0xff);
        code.Store(BpfSize.Double, BpfRegister.R10, Radix, BpfRegister.R1);
        code.Move(BpfRegister.R1, 'A' - 10);
        code.Jump(BpfCondition.AnyBit, BpfRegister.R9, NumberFormat.UpperBit, upper);
        code.Move(BpfRegister.R1, 'a' - 10);
        code.Bind(upper);
        code.Store(BpfSize.Double, BpfRegister.R10, Letters, BpfRegister.R1);
        code.Store(BpfSize.Double, BpfRegister.R10, ContextWord, BpfRegister.R8);
        code.Move(BpfRegister.R1, MaxDigits);
        set.Loop(DigitStep, Digits);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, Cursor);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R1, BpfRegister.R0);
        code.Store(BpfSize.Double, BpfRegister.R10, Cursor, BpfRegister.R1);
    }

    private static void EmitDigitStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel decimalDigit = code.NewLabel(), store = code.NewLabel(), more = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R6, BpfRegister.R2, ContextWord - Digits);
        code.Move(BpfRegister.R7, BpfRegister.R6);
        set.EmitPointer(BpfRegister.R8, BpfRegister.R7);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R8, Value);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R2, Radix - Digits);
        code.Move(BpfRegister.R5, BpfRegister.R3);
        code.Alu(BpfAluOperator.Modulo, BpfRegister.R5, BpfRegister.R4);
        code.Alu(BpfAluOperator.Divide, BpfRegister.R3, BpfRegister.R4);
        code.Store(BpfSize.Double, BpfRegister.R8, Value, BpfRegister.R3);
        code.Jump(BpfCondition.Less, BpfRegister.R5, 10, decimalDigit);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R2, Letters - Digits);
        code.Alu(BpfAluOperator.Add, BpfRegister.R5, BpfRegister.R4);
        code.Jump(store);
        code.Bind(decimalDigit);
        code.Alu(BpfAluOperator.Add, BpfRegister.R5, '0');
        code.Bind(store);
        code.Alu(BpfAluOperator.Add, BpfRegister.R6, DigitsEnd - 1);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R6, BpfRegister.R1);
        set.EmitPointer(BpfRegister.R7, BpfRegister.R6);
        code.Store(BpfSize.Byte, BpfRegister.R7, 0, BpfRegister.R5);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R3, 0, more);
        set.Return(1);
        code.Bind(more);
        set.Return(0);
    }

    /// <summary>How many zeros, and how many blanks: positive before the number, negative behind it.</summary>
    private static void EmitLayout(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel enough = code.NewLabel(), notOctal = code.NewLabel(), noSign = code.NewLabel(), noPrefix = code.NewLabel();
        BpfLabel left = code.NewLabel(), noBlanks = code.NewLabel(), store = code.NewLabel();
        // R0 digits, R3 zeros.
        code.Move(BpfRegister.R0, BpfRegister.R8);
        code.Alu(BpfAluOperator.Add, BpfRegister.R0, DigitsEnd);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, Cursor);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R0, BpfRegister.R1);
        EmitPrecision(code, BpfRegister.R3);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R3, BpfRegister.R0);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R3, 0, enough);
        code.Move(BpfRegister.R3, 0);
        code.Bind(enough);

        // The alternate form of octal begins with a zero of its own.
        code.Move(BpfRegister.R1, BpfRegister.R9);
        code.Alu(BpfAluOperator.And, BpfRegister.R1, 0xff | NumberFormat.AlternateBit);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R1, 8 | NumberFormat.AlternateBit, notOctal);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, 1);
        code.Bind(notOctal);

        // R4 = |width| - everything else.
        EmitWidth(code, BpfRegister.R4);
        BpfLabel absolute = code.NewLabel();
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R4, 0, absolute);
        code.Negate(BpfRegister.R4);
        code.Bind(absolute);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R0);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R3);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, Sign);
        code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, noSign);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, 1);
        code.Bind(noSign);
        EmitUnlessHexadecimalPrefix(set, noPrefix);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, 2);
        code.Bind(noPrefix);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R4, 0, noBlanks);

        // Right-justified with the zero flag: zeros instead of blanks.
        EmitWidth(code, BpfRegister.R1);
        code.Jump(BpfCondition.SignedLess, BpfRegister.R1, 0, left);
        code.Move(BpfRegister.R1, BpfRegister.R9);
        code.Alu(BpfAluOperator.And, BpfRegister.R1, NumberFormat.ZeroBit);
        code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, store);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R4);
        code.Bind(noBlanks);
        code.Move(BpfRegister.R4, 0);
        code.Jump(store);
        code.Bind(left);
        code.Negate(BpfRegister.R4);
        code.Bind(store);
        code.Store(BpfSize.Double, BpfRegister.R10, Zeros, BpfRegister.R3);
        code.Store(BpfSize.Double, BpfRegister.R10, Padding, BpfRegister.R4);
    }

    /// <summary>destination = the width of the format R9.</summary>
    public static void EmitWidth(BpfAssembler code, BpfRegister destination)
    {
        code.Move(destination, BpfRegister.R9);
        code.Alu(BpfAluOperator.ShiftLeft, destination, 16);
        code.Alu(BpfAluOperator.ShiftRightArithmetic, destination, 48);
    }

    private static void EmitPrecision(BpfAssembler code, BpfRegister destination)
    {
        code.Move(destination, BpfRegister.R9);
        code.Alu(BpfAluOperator.ShiftRightArithmetic, destination, 48);
    }

    private static void EmitUnlessHexadecimalPrefix(RoutineSet set, BpfLabel none)
    {
        set.Code.Move(BpfRegister.R1, BpfRegister.R9);
        set.Code.Alu(BpfAluOperator.And, BpfRegister.R1, 0xff | NumberFormat.AlternateBit);
        set.Code.Jump(BpfCondition.NotEqual, BpfRegister.R1, 16 | NumberFormat.AlternateBit, none);
    }

    /// <summary>Appends as many of a byte as the stack word says, if its sign is as asked.</summary>
    private static void EmitFill(RoutineSet set, char filler, int word, BpfCondition condition)
    {
        BpfAssembler code = set.Code;
        BpfLabel fill = code.NewLabel(), none = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R10, word);
        code.Jump(condition, BpfRegister.R4, 0, fill);
        code.Jump(none);
        code.Bind(fill);
        if (condition == BpfCondition.SignedLess)
            code.Negate(BpfRegister.R4);
        EmitFillOf(set, () => code.Move(BpfRegister.R3, filler), loadsCount: false);
        code.Bind(none);
    }

    /// <summary>Appends the byte that the action loads into R3, once or R4 times; a zero byte is nothing.</summary>
    private static void EmitFillOf(RoutineSet set, Action loadByte, bool loadsCount = true)
    {
        BpfAssembler code = set.Code;
        BpfLabel none = code.NewLabel();
        loadByte();
        code.Jump(BpfCondition.Equal, BpfRegister.R3, 0, none);
        if (loadsCount)
            code.Move(BpfRegister.R4, 1);
        code.Move(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, BpfRegister.R7);
        set.Call(Routine.Fill);
        code.Move(BpfRegister.R7, BpfRegister.R0);
        code.Bind(none);
    }
}
