using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// Strings in memory, in words of eight bytes: see <see cref="MemoryLayout"/> for the zeros that make that right. A step finds its word
/// by the number of the iteration, not by a cursor kept on the stack: the verifier would follow a cursor it knows through every
/// iteration.
/// </summary>
internal static class StringRoutines
{
    private static readonly Routine LengthStep = new("string_length_step", 2, EmitLengthStep);
    private static readonly Routine CompareStep = new("compare_strings_step", 2, EmitCompareStep);
    private static readonly Routine HashStep = new("hash_string_step", 2, EmitHashStep);

    public static void EmitCopy(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        set.EmitPointer(BpfRegister.R6, BpfRegister.R1);
        set.EmitPointer(BpfRegister.R3, BpfRegister.R2);
        code.Move(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, set.Layout.MaxStringLength);
        code.Call(BpfHelper.ProbeReadKernelStr);
        EmitTerminate(set, BpfRegister.R6);
        code.Exit();
    }

    /// <summary>Out of range gives the empty string, as SystemTap's substr does.</summary>
    public static void EmitSubstring(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel empty = code.NewLabel(), bounded = code.NewLabel();
        int max = set.Layout.MaxStringLength - 1;
        code.Move(BpfRegister.R6, BpfRegister.R1);
        code.Move(BpfRegister.R7, BpfRegister.R2);
        code.Move(BpfRegister.R8, BpfRegister.R3);
        code.Move(BpfRegister.R9, BpfRegister.R4);
        code.Jump(BpfCondition.SignedLess, BpfRegister.R8, 0, empty);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R9, 0, empty);
        EmitLengthOf(set, BpfRegister.R7, -16);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R8, BpfRegister.R0, empty);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R9, max, bounded);
        code.Move(BpfRegister.R9, max);
        code.Bind(bounded);
        // From the middle of the string to its end, at most R9 bytes of it: an append to the empty string with that precision.
        code.Alu(BpfAluOperator.Add, BpfRegister.R7, BpfRegister.R8);
        code.Move(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, 0);
        code.Move(BpfRegister.R3, BpfRegister.R7);
        code.Move(BpfRegister.R4, BpfRegister.R9);
        set.Call(Routine.AppendText);
        code.Exit();
        code.Bind(empty);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R6);
        code.Move(BpfRegister.R2, 0);
        code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R2);
        set.Return(0);
    }

    public static void EmitLength(RoutineSet set)
    {
        EmitLengthOf(set, BpfRegister.R1, -16);
        set.Code.Exit();
    }

    /// <summary>R0 = the length of the string whose offset is in a register; two words of the stack are used.</summary>
    public static void EmitLengthOf(RoutineSet set, BpfRegister text, int words)
    {
        BpfAssembler code = set.Code;
        code.Store(BpfSize.Double, BpfRegister.R10, words, text);
        code.Store(BpfSize.Double, BpfRegister.R10, words + 8, text);
        code.Move(BpfRegister.R1, set.Layout.StringBytes / 8);
        set.Loop(LengthStep, words);
        code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, words + 8);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, words);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R0, BpfRegister.R1);
    }

    /// <summary>The words: the string's offset; at the end, that of its zero.</summary>
    private static void EmitLengthStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel more = code.NewLabel(), found = code.NewLabel();
        LoadCursor(set, BpfRegister.R6, 0);
        code.Move(BpfRegister.R4, BpfRegister.R6);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R4);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R5, 0);
        EmitZeroByteTest(set, BpfRegister.R3, more);
        for (int i = 0; i < 8; i++)
        {
            BpfLabel next = code.NewLabel();
            code.Move(BpfRegister.R4, BpfRegister.R3);
            code.Alu(BpfAluOperator.And, BpfRegister.R4, 0xff);
            code.Jump(BpfCondition.NotEqual, BpfRegister.R4, 0, next);
            code.Jump(found);
            code.Bind(next);
            code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R3, 8);
            code.Alu(BpfAluOperator.Add, BpfRegister.R6, 1);
        }

        code.Bind(found);
        code.Store(BpfSize.Double, BpfRegister.R2, 8, BpfRegister.R6);
        set.Return(1);
        code.Bind(more);
        set.Return(0);
    }

    public static void EmitCompare(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        code.Store(BpfSize.Double, BpfRegister.R10, -24, BpfRegister.R1);
        code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R2);
        code.Store(BpfSize.Double, BpfRegister.R10, -8, 0);
        code.Move(BpfRegister.R1, set.Layout.StringBytes / 8);
        set.Loop(CompareStep, -24);
        code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, -8);
        code.Exit();
    }

    /// <summary>The words: both strings' offsets, the result.</summary>
    private static void EmitCompareStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel differ = code.NewLabel(), less = code.NewLabel(), store = code.NewLabel(), more = code.NewLabel();
        LoadCursor(set, BpfRegister.R6, 0);
        LoadCursor(set, BpfRegister.R7, 8);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R6);
        code.Load(BpfSize.Double, BpfRegister.R8, BpfRegister.R5, 0);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R7);
        code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R5, 0);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R8, BpfRegister.R9, differ);
        EmitZeroByteTest(set, BpfRegister.R8, more);
        set.Return(1);
        code.Bind(more);
        set.Return(0);
        code.Bind(differ);
        // The first byte is the lowest of the word and the most significant of the comparison.
        code.ToBigEndian(BpfRegister.R8, 64);
        code.ToBigEndian(BpfRegister.R9, 64);
        code.Jump(BpfCondition.Less, BpfRegister.R8, BpfRegister.R9, less);
        code.Move(BpfRegister.R3, 1);
        code.Jump(store);
        code.Bind(less);
        code.Move(BpfRegister.R3, -1);
        code.Bind(store);
        code.Store(BpfSize.Double, BpfRegister.R2, 16, BpfRegister.R3);
        set.Return(1);
    }

    /// <summary>Mixes the string at an offset into a hash; two words of the stack are used.</summary>
    public static void EmitHash(RoutineSet set, BpfRegister hash, BpfRegister text, int words)
    {
        BpfAssembler code = set.Code;
        code.Store(BpfSize.Double, BpfRegister.R10, words, hash);
        code.Store(BpfSize.Double, BpfRegister.R10, words + 8, text);
        code.Move(BpfRegister.R1, set.Layout.StringBytes / 8);
        set.Loop(HashStep, words);
        code.Load(BpfSize.Double, hash, BpfRegister.R10, words);
    }

    /// <summary>The words: the hash, the string's offset.</summary>
    private static void EmitHashStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel more = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R6, BpfRegister.R2, 0);
        LoadCursor(set, BpfRegister.R7, 8);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R7);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R5, 0);
        EmitMix(set, BpfRegister.R6, BpfRegister.R3);
        code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R6);
        EmitZeroByteTest(set, BpfRegister.R3, more);
        set.Return(1);
        code.Bind(more);
        set.Return(0);
    }

    /// <summary>destination = the offset in a word of the step, and eight times the iteration; R4 is lost.</summary>
    private static void LoadCursor(RoutineSet set, BpfRegister destination, int word)
    {
        set.Code.Load(BpfSize.Double, destination, BpfRegister.R2, word);
        set.Code.Move(BpfRegister.R4, BpfRegister.R1);
        set.Code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R4, 3);
        set.Code.Alu(BpfAluOperator.Add, destination, BpfRegister.R4);
    }

    /// <summary><see cref="KeyHash.Mix"/> in eBPF: hash = mix(hash, word); R5 is lost.</summary>
    public static void EmitMix(RoutineSet set, BpfRegister hash, BpfRegister word)
    {
        set.Code.Alu(BpfAluOperator.Xor, hash, word);
        set.Code.LoadConstant(BpfRegister.R5, KeyHash.Multiplier);
        set.Code.Alu(BpfAluOperator.Multiply, hash, BpfRegister.R5);
        set.Code.Move(BpfRegister.R5, hash);
        set.Code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R5, 32);
        set.Code.Alu(BpfAluOperator.Xor, hash, BpfRegister.R5);
    }

    /// <summary>
    /// After a copy to the pointer that returned R0 (bytes with the zero, or an error): makes R0 the length, and puts zeros behind the
    /// end.
    /// </summary>
    public static void EmitTerminate(RoutineSet set, BpfRegister pointer)
    {
        BpfAssembler code = set.Code;
        BpfLabel copied = code.NewLabel();
        code.Jump(BpfCondition.SignedGreater, BpfRegister.R0, 0, copied);
        code.Move(BpfRegister.R0, 1);
        code.Bind(copied);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R0, 1);
        code.Alu(BpfAluOperator.Add, pointer, BpfRegister.R0);
        code.Move(BpfRegister.R1, 0);
        code.Store(BpfSize.Double, pointer, 0, BpfRegister.R1);
    }

    /// <summary>Goes to a label if no byte of the word is zero: (w - 01…01) and not w and 80…80. R4 and R5 are lost.</summary>
    public static void EmitZeroByteTest(RoutineSet set, BpfRegister word, BpfLabel none)
    {
        BpfAssembler code = set.Code;
        code.LoadConstant(BpfRegister.R5, 0x0101010101010101);
        code.Move(BpfRegister.R4, word);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R5);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R5, 7);
        code.Alu(BpfAluOperator.And, BpfRegister.R4, BpfRegister.R5);
        code.Move(BpfRegister.R5, word);
        code.Alu(BpfAluOperator.Xor, BpfRegister.R5, -1);
        code.Alu(BpfAluOperator.And, BpfRegister.R4, BpfRegister.R5);
        code.Jump(BpfCondition.Equal, BpfRegister.R4, 0, none);
    }
}
