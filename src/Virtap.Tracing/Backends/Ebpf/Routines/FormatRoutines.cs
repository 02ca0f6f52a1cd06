using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>Appending to a string that is being built.</summary>
internal static class FormatRoutines
{
    private static readonly Routine FillStep = new("fill_step", 2, EmitFillStep);

    public static void EmitAppendText(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        int max = set.Layout.MaxStringLength;
        BpfRegister into = BpfRegister.R6, length = BpfRegister.R7, source = BpfRegister.R8, precision = BpfRegister.R9;
        BpfLabel unlimited = code.NewLabel(), done = code.NewLabel();
        code.Move(into, BpfRegister.R1);
        code.Move(length, BpfRegister.R2);
        code.Move(source, BpfRegister.R3);
        code.Move(precision, BpfRegister.R4);
        code.Jump(BpfCondition.Greater, length, max - 1, done);
        // R2 = room with the zero, or the precision and one if that is less; both bounded by constants, as the verifier wants them.
        code.Move(BpfRegister.R2, max);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R2, length);
        code.Move(BpfRegister.R4, precision);
        code.Jump(BpfCondition.Greater, BpfRegister.R4, max - 2, unlimited);
        code.Alu(BpfAluOperator.Add, BpfRegister.R4, 1);
        code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R4, BpfRegister.R2, unlimited);
        code.Move(BpfRegister.R2, BpfRegister.R4);
        code.Bind(unlimited);
        code.Move(BpfRegister.R4, into);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R4);
        code.Alu(BpfAluOperator.Add, BpfRegister.R1, length);
        code.Move(BpfRegister.R4, source);
        set.EmitPointer(BpfRegister.R3, BpfRegister.R4);
        code.Call(BpfHelper.ProbeReadKernelStr);
        code.Move(BpfRegister.R4, into);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R4);
        code.Alu(BpfAluOperator.Add, BpfRegister.R5, length);
        StringRoutines.EmitTerminate(set, BpfRegister.R5);
        code.Alu(BpfAluOperator.Add, length, BpfRegister.R0);

        // Full, not because of the precision, and the source goes on: it was cut.
        code.Jump(BpfCondition.NotEqual, length, max - 1, done);
        code.Jump(BpfCondition.Equal, precision, BpfRegister.R0, done);
        code.Alu(BpfAluOperator.Add, source, BpfRegister.R0);
        set.EmitPointer(BpfRegister.R1, source);
        code.Load(BpfSize.Byte, BpfRegister.R1, BpfRegister.R1, 0);
        code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, done);
        set.EmitCount(SessionCells.CutStrings);
        code.Bind(done);
        code.Move(BpfRegister.R0, length);
        code.Exit();
    }

    public static void EmitAppendPadded(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        const int precision = -8, padding = -16, words = -32;
        BpfRegister into = BpfRegister.R6, length = BpfRegister.R7, source = BpfRegister.R8, width = BpfRegister.R9;
        BpfLabel whole = code.NewLabel(), positive = code.NewLabel(), copy = code.NewLabel(), done = code.NewLabel();
        code.Move(into, BpfRegister.R1);
        code.Move(length, BpfRegister.R2);
        code.Move(source, BpfRegister.R3);
        code.Move(width, BpfRegister.R4);
        code.Store(BpfSize.Double, BpfRegister.R10, precision, BpfRegister.R5);

        // The padding is what the text, as long as the precision lets it be, leaves of the width.
        StringRoutines.EmitLengthOf(set, source, words);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, precision);
        code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R1, BpfRegister.R0, whole);
        code.Move(BpfRegister.R0, BpfRegister.R1);
        code.Bind(whole);
        code.Move(BpfRegister.R4, width);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R4, 0, positive);
        code.Negate(BpfRegister.R4);
        code.Bind(positive);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R0);
        code.Store(BpfSize.Double, BpfRegister.R10, padding, BpfRegister.R4);
        code.Jump(BpfCondition.SignedLess, width, 0, copy);
        EmitFillCall(set, ' ');

        code.Bind(copy);
        code.Move(BpfRegister.R1, into);
        code.Move(BpfRegister.R2, length);
        code.Move(BpfRegister.R3, source);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R10, precision);
        set.Call(Routine.AppendText);
        code.Move(length, BpfRegister.R0);
        code.Jump(BpfCondition.SignedGreaterOrEqual, width, 0, done);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R10, padding);
        EmitFillCall(set, ' ');
        code.Bind(done);
        code.Move(BpfRegister.R0, length);
        code.Exit();
    }

    /// <summary>Fills the string at R6 of length R7 with R4 times a byte.</summary>
    private static void EmitFillCall(RoutineSet set, char filler)
    {
        set.Code.Move(BpfRegister.R1, BpfRegister.R6);
        set.Code.Move(BpfRegister.R2, BpfRegister.R7);
        set.Code.Move(BpfRegister.R3, filler);
        set.Call(Routine.Fill);
        set.Code.Move(BpfRegister.R7, BpfRegister.R0);
    }

    public static void EmitFill(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel none = code.NewLabel(), fits = code.NewLabel();
        code.Move(BpfRegister.R6, BpfRegister.R1);
        code.Move(BpfRegister.R7, BpfRegister.R2);
        code.Move(BpfRegister.R8, BpfRegister.R4);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R8, 0, none);
        code.Move(BpfRegister.R1, set.Layout.MaxStringLength - 1);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R1, BpfRegister.R7);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R1, 0, none);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R8, BpfRegister.R1, fits);
        code.Move(BpfRegister.R8, BpfRegister.R1);
        code.Bind(fits);
        code.Alu(BpfAluOperator.Add, BpfRegister.R2, BpfRegister.R6);
        code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R2);
        code.Store(BpfSize.Double, BpfRegister.R10, -8, BpfRegister.R3);
        code.Move(BpfRegister.R1, BpfRegister.R8);
        set.Loop(FillStep, -16);
        code.Alu(BpfAluOperator.Add, BpfRegister.R7, BpfRegister.R8);
        code.Alu(BpfAluOperator.Add, BpfRegister.R6, BpfRegister.R7);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, 0);
        code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R2);
        code.Bind(none);
        code.Move(BpfRegister.R0, BpfRegister.R7);
        code.Exit();
    }

    /// <summary>The words: the offset of the first byte, the byte.</summary>
    private static void EmitFillStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R2, 0);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R2, 8);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R1);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R3);
        code.Store(BpfSize.Byte, BpfRegister.R5, 0, BpfRegister.R4);
        set.Return(0);
    }

    /// <summary>A character within a width; with the alternate form, what cannot be printed as C escapes it.</summary>
    public static void EmitAppendCharacter(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        const int context = -8, escape = -16, columns = -24;
        BpfLabel plain = code.NewLabel(), appended = code.NewLabel();
        code.Store(BpfSize.Double, BpfRegister.R10, context, BpfRegister.R1);
        code.Move(BpfRegister.R6, BpfRegister.R2);
        code.Move(BpfRegister.R7, BpfRegister.R3);
        code.Move(BpfRegister.R8, BpfRegister.R4);
        code.Alu(BpfAluOperator.And, BpfRegister.R8, 0xff);
        code.Move(BpfRegister.R9, BpfRegister.R5);
        EmitEscape(code, escape, columns);
        NumberRoutine.EmitWidth(code, BpfRegister.R4);
        EmitFillBeside(set, columns);

        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R10, escape);
        code.Jump(BpfCondition.Equal, BpfRegister.R4, 0, plain);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R10, context);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, ContextCells.Scratch);
        code.Move(BpfRegister.R1, BpfRegister.R3);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R4);
        code.Move(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, BpfRegister.R7);
        code.Move(BpfRegister.R4, -1);
        set.Call(Routine.AppendText);
        code.Move(BpfRegister.R7, BpfRegister.R0);
        code.Jump(appended);
        code.Bind(plain);
        code.Move(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, BpfRegister.R7);
        code.Move(BpfRegister.R3, BpfRegister.R8);
        code.Move(BpfRegister.R4, 1);
        set.Call(Routine.Fill);
        code.Move(BpfRegister.R7, BpfRegister.R0);

        code.Bind(appended);
        NumberRoutine.EmitWidth(code, BpfRegister.R4);
        code.Negate(BpfRegister.R4);
        EmitFillBeside(set, columns);
        code.Move(BpfRegister.R0, BpfRegister.R7);
        code.Exit();
    }

    /// <summary>Fills with blanks what the text's columns leave of the width R4, if that is positive.</summary>
    private static void EmitFillBeside(RoutineSet set, int columns)
    {
        set.Code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, columns);
        set.Code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R1);
        EmitFillCall(set, ' ');
    }

    /// <summary>
    /// Of the character R8 in the format R9: the bytes of its escape in a word of the stack, or 0 where it stands for itself, and how
    /// many columns it takes in another.
    /// </summary>
    private static void EmitEscape(BpfAssembler code, int escape, int columns)
    {
        const string Escaped = "\a\b\f\n\r\t\v'\\", Letters = "abfnrtv'\\";
        BpfLabel alternate = code.NewLabel(), letter = code.NewLabel(), octal = code.NewLabel();
        BpfLabel plain = code.NewLabel(), store = code.NewLabel();
        code.Jump(BpfCondition.AnyBit, BpfRegister.R9, NumberFormat.AlternateBit, alternate);
        code.Jump(plain);
        code.Bind(alternate);
        for (int i = 0; i < Escaped.Length; i++)
        {
            code.Move(BpfRegister.R3, '\\' | (Letters[i] << 8));
            code.Jump(BpfCondition.Equal, BpfRegister.R8, Escaped[i], letter);
        }

        code.Jump(BpfCondition.Less, BpfRegister.R8, ' ', octal);
        code.Jump(BpfCondition.LessOrEqual, BpfRegister.R8, '~', plain);
        code.Bind(octal);
        code.Move(BpfRegister.R3, '\\' | ('0' << 8) | ('0' << 16) | ('0' << 24));
        for (int digit = 0; digit < 3; digit++)
        {
            code.Move(BpfRegister.R4, BpfRegister.R8);
            code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R4, 6 - (digit * 3));
            code.Alu(BpfAluOperator.And, BpfRegister.R4, 7);
            code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R4, 8 + (digit * 8));
            code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R4);
        }

        code.Move(BpfRegister.R4, 4);
        code.Jump(store);
        code.Bind(letter);
        code.Move(BpfRegister.R4, 2);
        code.Jump(store);
        code.Bind(plain);
        code.Move(BpfRegister.R3, 0);
        code.Move(BpfRegister.R4, 1);
        code.Bind(store);
        code.Store(BpfSize.Double, BpfRegister.R10, escape, BpfRegister.R3);
        code.Store(BpfSize.Double, BpfRegister.R10, columns, BpfRegister.R4);
    }
}
