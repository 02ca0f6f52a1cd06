using Iced.Intel;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.X64;

/// <summary>Integer arithmetic, and what depends on flags.</summary>
internal readonly partial struct X64Semantics
{
    /// <summary>Runs an instruction of these families; false if it is of none of them.</summary>
    private bool StepArithmetic(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Add:
                Binary(instruction, MachineAlgebra.Add, FlagsOrigin.Result);
                return true;
            case Mnemonic.And:
                Binary(instruction, MachineAlgebra.And, FlagsOrigin.Logic);
                return true;
            case Mnemonic.Or:
                Binary(instruction, MachineAlgebra.Or, FlagsOrigin.Logic);
                return true;
            case Mnemonic.Xor:
                Xor(instruction);
                return true;
            case Mnemonic.Sub or Mnemonic.Cmp:
                Subtract(instruction);
                return true;
            case Mnemonic.Sbb:
                return TrySubtractBorrow(instruction);
            case Mnemonic.Test:
                machine.Flags = SymbolicFlags.OfLogic(
                    SymbolicValue.Apply(Read(instruction, 0), Read(instruction, 1), MachineAlgebra.And), SizeOf(instruction, 0));
                return true;
            case Mnemonic.Inc:
                Unary(instruction, static value => MachineAlgebra.Add(value, new ConstantValue(1)), FlagsOrigin.Result);
                return true;
            case Mnemonic.Dec:
                Unary(instruction, static value => MachineAlgebra.Add(value, new ConstantValue(-1)), FlagsOrigin.Result);
                return true;
            case Mnemonic.Not:
                Unary(instruction, static value => MachineAlgebra.Xor(value, new ConstantValue(-1)), null);
                return true;
            case Mnemonic.Neg:
                Negate(instruction);
                return true;
            case Mnemonic.Imul when instruction.OpCount > 1:
                Multiply(instruction);
                return true;
            case Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror:
                return TryShift(instruction);
            case Mnemonic.Bt when instruction.Op0Kind == OpKind.Register || instruction.Op1Kind == OpKind.Immediate8:
                TestBit(instruction);
                return true;
            case Mnemonic.Bswap:
                int size = SizeOf(instruction, 0);
                WriteRegister(instruction.Op0Register, Read(instruction, 0).Apply(value => MachineAlgebra.SwapBytes(value, size)));
                return true;
            default:
                return TryConditional(instruction);
        }
    }

    private void Binary(
        in Instruction instruction, Func<MachineExpression, MachineExpression, MachineExpression> operation, FlagsOrigin flags)
    {
        int size = SizeOf(instruction, 0);
        SymbolicValue result = SymbolicValue.Apply(Read(instruction, 0), Read(instruction, 1), operation).Low(size);
        Write(instruction, 0, result);
        machine.Flags = new SymbolicFlags(flags, result, SymbolicValue.Constant(0), size);
    }

    /// <summary>One operand, in place; without flags the instruction leaves them alone.</summary>
    private void Unary(in Instruction instruction, Func<MachineExpression, MachineExpression> operation, FlagsOrigin? flags)
    {
        int size = SizeOf(instruction, 0);
        SymbolicValue result = Read(instruction, 0).Apply(operation).Low(size);
        Write(instruction, 0, result);
        if (flags is FlagsOrigin origin)
            machine.Flags = new SymbolicFlags(origin, result, SymbolicValue.Constant(0), size);
    }

    /// <summary><c>xor %eax,%eax</c> is zero whatever was there.</summary>
    private void Xor(in Instruction instruction)
    {
        if (!IsOneRegister(instruction))
        {
            Binary(instruction, MachineAlgebra.Xor, FlagsOrigin.Logic);
            return;
        }

        WriteRegister(instruction.Op0Register, SymbolicValue.Constant(0));
        machine.Flags = SymbolicFlags.OfLogic(SymbolicValue.Constant(0), SizeOf(instruction, 0));
    }

    private void Subtract(in Instruction instruction)
    {
        int size = SizeOf(instruction, 0);
        SymbolicValue left = Read(instruction, 0), right = Read(instruction, 1);
        machine.Flags = SymbolicFlags.OfDifference(left, right, size);
        if (instruction.Mnemonic == Mnemonic.Sub)
            Write(instruction, 0, SymbolicValue.Apply(left, right, MachineAlgebra.Subtract).Low(size));
    }

    private void Negate(in Instruction instruction)
    {
        int size = SizeOf(instruction, 0);
        SymbolicValue zero = SymbolicValue.Constant(0), operand = Read(instruction, 0);
        machine.Flags = SymbolicFlags.OfDifference(zero, operand, size);
        Write(instruction, 0, SymbolicValue.Apply(zero, operand, MachineAlgebra.Subtract).Low(size));
    }

    /// <summary><c>sbb %eax,%eax</c>: all ones if the comparison before borrowed, else zero.</summary>
    private bool TrySubtractBorrow(in Instruction instruction)
    {
        if (!IsOneRegister(instruction))
            return false;
        int size = SizeOf(instruction, 0);
        SymbolicValue borrow = machine.Flags.Holds(FlagCondition.Below);
        SymbolicValue result = SymbolicValue.Apply(SymbolicValue.Constant(0), borrow, MachineAlgebra.Subtract).Low(size);
        WriteRegister(instruction.Op0Register, result);
        machine.Flags = SymbolicFlags.OfResult(result, size);
        return true;
    }

    private void Multiply(in Instruction instruction)
    {
        int size = SizeOf(instruction, 0);
        (int left, int right) = instruction.OpCount == 3 ? (1, 2) : (0, 1);
        Write(instruction, 0, SymbolicValue.Apply(Read(instruction, left), Read(instruction, right), MachineAlgebra.Multiply).Low(size));
        machine.Flags = SymbolicFlags.Unknown("it depends on the flags of a multiplication");
    }

    private bool TryShift(in Instruction instruction)
    {
        int size = SizeOf(instruction, 0), bits = size * 8;
        SymbolicValue count = Read(instruction, 1).Apply(value => MachineAlgebra.And(value, new ConstantValue(size == 8 ? 63 : 31)));
        bool isConstant = count.Expression is ConstantValue { Value: > 0 and var places } && places < bits;
        SymbolicValue operand = Read(instruction, 0, signExtend: instruction.Mnemonic == Mnemonic.Sar);
        Func<MachineExpression, MachineExpression, MachineExpression>? operation = instruction.Mnemonic switch
        {
            Mnemonic.Shl => MachineAlgebra.ShiftLeft,
            Mnemonic.Shr => MachineAlgebra.ShiftRightLogical,
            Mnemonic.Sar => MachineAlgebra.ShiftRightArithmetic,
            Mnemonic.Rol when isConstant => (value, by) => MachineAlgebra.RotateLeft(value, ((ConstantValue)by).Value, bits),
            Mnemonic.Ror when isConstant => (value, by) => MachineAlgebra.RotateLeft(value, bits - ((ConstantValue)by).Value, bits),
            _ => null,
        };
        if (operation is null)
            return false;
        SymbolicValue result = SymbolicValue.Apply(operand, count, operation).Low(size);
        Write(instruction, 0, result);
        machine.Flags = isConstant && instruction.Mnemonic is not (Mnemonic.Rol or Mnemonic.Ror)
            ? SymbolicFlags.OfResult(result, size)
            : SymbolicFlags.Unknown("it depends on the flags of a shift");
        return true;
    }

    private void TestBit(in Instruction instruction)
    {
        SymbolicValue place = Read(instruction, 1);
        int last = SizeOf(instruction, 0) * 8 - 1;
        machine.Test(SymbolicValue.Apply(Read(instruction, 0), place, (value, at) => MachineAlgebra.And(
            MachineAlgebra.ShiftRightLogical(value, MachineAlgebra.And(at, new ConstantValue(last))), new ConstantValue(1))));
        machine.Flags = SymbolicFlags.Unknown("it depends on the carry or overflow of a computation");
    }

    /// <summary><c>setCC</c> and <c>cmovCC</c>.</summary>
    private bool TryConditional(in Instruction instruction)
    {
        if (instruction.ConditionCode == ConditionCode.None)
            return false;
        bool isSet = instruction.OpCount == 1 && SizeOf(instruction, 0) == 1
            && instruction.GetOpKind(0) is OpKind.Register or OpKind.Memory;
        bool isMove = instruction.OpCount == 2 && instruction.GetOpKind(0) == OpKind.Register
            && instruction.FlowControl == FlowControl.Next;
        SymbolicValue condition = machine.Flags.Holds(ConditionOf(instruction.ConditionCode));
        if (isSet)
            Write(instruction, 0, condition);
        else if (isMove)
            Write(instruction, 0, SymbolicValue.Select(condition, Read(instruction, 1), Read(instruction, 0)));
        return isSet || isMove;
    }

    private static bool IsOneRegister(in Instruction instruction)
        => instruction.Op0Kind == OpKind.Register && instruction.Op1Kind == OpKind.Register
            && instruction.Op0Register == instruction.Op1Register;
}
