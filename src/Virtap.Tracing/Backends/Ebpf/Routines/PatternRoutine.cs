using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// Walks through a <see cref="PatternTable"/>: a step takes a byte, or runs one command. Where the walk is lies in memory, not on the
/// stack: what the verifier knows of a word there, it would follow from step to step.
/// </summary>
internal static class PatternRoutine
{
    /// <summary>Words of memory: the row, the next command or 0, the bytes taken. The registers follow.</summary>
    private const int Row = 0, Command = 8, Taken = 16, Registers = 24;

    // Words of the stack: three offsets that stay as they are.
    private const int TextWord = 0, TableWord = 8, WalkWord = 16, Words = 24;

    private static readonly Routine ByteStep = new("match_step", 2, EmitByteStep);
    private static readonly Routine GroupsStep = new("match_groups_step", 2, EmitGroupsStep);

    public static void Emit(RoutineSet set, bool hasRegisters)
    {
        BpfAssembler code = set.Code;
        code.Store(BpfSize.Double, BpfRegister.R10, TextWord - Words, BpfRegister.R1);
        code.Store(BpfSize.Double, BpfRegister.R10, WalkWord - Words, BpfRegister.R2);
        code.Store(BpfSize.Double, BpfRegister.R10, TableWord - Words, BpfRegister.R4);
        set.EmitPointer(BpfRegister.R6, BpfRegister.R2);
        StoreState(code, BpfRegister.R6, state: BpfRegister.R3, command: BpfRegister.R0);
        code.Store(BpfSize.Double, BpfRegister.R6, Taken, 0);
        code.Move(BpfRegister.R1, BpfRegister.R5);
        set.Loop(hasRegisters ? GroupsStep : ByteStep, -Words);

        BpfLabel matched = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, Row);
        code.Jump(BpfCondition.Equal, BpfRegister.R1, PatternTable.Matched, matched);
        if (hasRegisters)
        {
            code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, Registers);
            code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R1, 0, matched);
        }

        set.Return(0);
        code.Bind(matched);
        set.Return(1);
    }

    private static void EmitByteStep(RoutineSet set)
    {
        PointToWalk(set);
        EmitByte(set);
    }

    private static void EmitGroupsStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel takesByte = code.NewLabel(), note = code.NewLabel(), move = code.NewLabel(), accept = code.NewLabel();
        BpfLabel store = code.NewLabel(), skip = code.NewLabel(), last = code.NewLabel(), ends = code.NewLabel(), counts = code.NewLabel();
        PointToWalk(set);
        code.Load(BpfSize.Double, BpfRegister.R6, BpfRegister.R1, Command);
        code.Jump(BpfCondition.Equal, BpfRegister.R6, 0, takesByte);
        LoadTableWord(set, BpfRegister.R7, BpfRegister.R6);
        code.Alu(BpfAluOperator.Add, BpfRegister.R6, 1);
        code.Store(BpfSize.Double, BpfRegister.R1, Command, BpfRegister.R6);
        code.Move(BpfRegister.R8, BpfRegister.R7);
        code.Alu(BpfAluOperator.And, BpfRegister.R8, 0xff);
        code.Jump(BpfCondition.Equal, BpfRegister.R8, (int)PatternOperation.None, last);
        code.Jump(BpfCondition.Equal, BpfRegister.R8, (int)PatternOperation.Set, note);
        code.Jump(BpfCondition.Equal, BpfRegister.R8, (int)PatternOperation.Move, move);
        code.Jump(BpfCondition.Equal, BpfRegister.R8, (int)PatternOperation.Accept, accept);
        code.Move(BpfRegister.R9, -1);
        code.Jump(store);

        code.Bind(note);
        code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R1, Taken);
        code.Jump(store);

        code.Bind(move);
        PointToRegister(set, BpfRegister.R5, PatternCommand.FromAt);
        code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R5, 0);

        code.Bind(store);
        PointToRegister(set, BpfRegister.R5, PatternCommand.ToAt);
        code.Store(BpfSize.Double, BpfRegister.R5, 0, BpfRegister.R9);
        set.Return(0);

        code.Bind(accept);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R1, Registers);
        code.Jump(BpfCondition.SignedLess, BpfRegister.R3, 0, counts);
        PointToRegister(set, BpfRegister.R5, PatternCommand.FromAt);
        code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R5, 0);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R3, BpfRegister.R9, skip);
        code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R1, Registers + 8);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R1, Taken);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R3, BpfRegister.R9, skip);
        code.Bind(counts);
        set.Return(0);
        code.Bind(skip);
        code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R7, PatternCommand.SkipAt);
        code.Alu(BpfAluOperator.Add, BpfRegister.R6, BpfRegister.R7);
        code.Store(BpfSize.Double, BpfRegister.R1, Command, BpfRegister.R6);
        set.Return(0);

        code.Bind(last);
        code.Store(BpfSize.Double, BpfRegister.R1, Command, 0);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R1, Row);
        code.Jump(BpfCondition.LessOrEqual, BpfRegister.R3, PatternTable.Matched, ends);
        set.Return(0);
        code.Bind(ends);
        set.Return(1);

        code.Bind(takesByte);
        EmitByte(set);
    }

    /// <summary>Takes a byte; the last, which is the text's end, is not counted.</summary>
    private static void EmitByte(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel atEnd = code.NewLabel(), more = code.NewLabel(), ends = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R6, BpfRegister.R1, Row);
        // It may have matched before the first byte.
        code.Jump(BpfCondition.LessOrEqual, BpfRegister.R6, PatternTable.Matched, ends);
        code.Load(BpfSize.Double, BpfRegister.R7, BpfRegister.R2, TextWord);
        code.Load(BpfSize.Double, BpfRegister.R8, BpfRegister.R1, Taken);
        code.Alu(BpfAluOperator.Add, BpfRegister.R7, BpfRegister.R8);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R7);
        code.Load(BpfSize.Byte, BpfRegister.R7, BpfRegister.R5, 0);
        code.Jump(BpfCondition.Equal, BpfRegister.R7, 0, atEnd);
        code.Alu(BpfAluOperator.Add, BpfRegister.R8, 1);
        code.Store(BpfSize.Double, BpfRegister.R1, Taken, BpfRegister.R8);
        code.Bind(atEnd);
        code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R2, TableWord);
        code.Alu(BpfAluOperator.Add, BpfRegister.R7, BpfRegister.R9);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R7);
        code.Load(BpfSize.Byte, BpfRegister.R7, BpfRegister.R5, 0);
        code.Alu(BpfAluOperator.Add, BpfRegister.R6, BpfRegister.R7);
        LoadTableWord(set, BpfRegister.R7, BpfRegister.R6);
        StoreState(code, BpfRegister.R1, state: BpfRegister.R7, command: BpfRegister.R6);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R6, 0, more);
        code.Jump(BpfCondition.Greater, BpfRegister.R7, PatternTable.Matched, more);
        code.Bind(ends);
        set.Return(1);
        code.Bind(more);
        set.Return(0);
    }

    /// <summary>
    /// Where the walk goes on, as a table's words have it: the row in the low half, the next command in the high one. Each is left in its
    /// register.
    /// </summary>
    private static void StoreState(BpfAssembler code, BpfRegister walk, BpfRegister state, BpfRegister command)
    {
        code.Move(command, state);
        code.Alu(BpfAluOperator.ShiftRight, command, 32);
        code.Store(BpfSize.Double, walk, Command, command);
        code.Alu(BpfAluOperator.ShiftLeft, state, 32);
        code.Alu(BpfAluOperator.ShiftRight, state, 32);
        code.Store(BpfSize.Double, walk, Row, state);
    }

    /// <summary>R1 = pointer to where the walk is, in a step; R4 is lost.</summary>
    private static void PointToWalk(RoutineSet set)
    {
        set.Code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R2, WalkWord);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R4);
    }

    /// <summary>destination = the table's word of that number; R4 and R5 are lost.</summary>
    private static void LoadTableWord(RoutineSet set, BpfRegister destination, BpfRegister number)
    {
        BpfAssembler code = set.Code;
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R2, TableWord);
        code.Move(BpfRegister.R5, number);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R5, 3);
        code.Alu(BpfAluOperator.Add, BpfRegister.R4, BpfRegister.R5);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R4);
        code.Load(BpfSize.Double, destination, BpfRegister.R5, 0);
    }

    /// <summary>destination = pointer to the register that the command in R7 names at so many bits; R4 is lost.</summary>
    private static void PointToRegister(RoutineSet set, BpfRegister destination, int at)
    {
        BpfAssembler code = set.Code;
        code.Move(BpfRegister.R4, BpfRegister.R7);
        code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R4, at);
        code.Alu(BpfAluOperator.And, BpfRegister.R4, 0xffff);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R4, 3);
        code.Load(BpfSize.Double, destination, BpfRegister.R2, WalkWord);
        code.Alu(BpfAluOperator.Add, BpfRegister.R4, destination);
        code.Alu(BpfAluOperator.Add, BpfRegister.R4, Registers);
        set.EmitPointer(destination, BpfRegister.R4);
    }
}
