using Iced.Intel;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.X64;

/// <summary>Vector registers as far as compilers put integers through them: moves of 8 and 16 bytes, and pairing.</summary>
internal readonly partial struct X64Semantics
{
    /// <summary>Runs an instruction of this family; false if it is of another.</summary>
    private bool StepVector(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Movd or Mnemonic.Movq:
                MoveLow(instruction, instruction.Mnemonic == Mnemonic.Movd ? 4 : 8);
                return true;
            case Mnemonic.Movaps or Mnemonic.Movups or Mnemonic.Movdqa or Mnemonic.Movdqu or Mnemonic.Movapd or Mnemonic.Movupd:
                MoveWhole(instruction);
                return true;
            case Mnemonic.Pxor or Mnemonic.Xorps when IsOneRegister(instruction) && instruction.Op0Register.IsXMM():
                machine.Vector(NumberOf(instruction, 0)) = (SymbolicValue.Constant(0), SymbolicValue.Constant(0));
                return true;
            case Mnemonic.Punpcklqdq or Mnemonic.Movlhps when IsVector(instruction, 1):
                machine.Vector(NumberOf(instruction, 0)).High = machine.Vector(NumberOf(instruction, 1)).Low;
                return true;
            case Mnemonic.Movhlps:
                machine.Vector(NumberOf(instruction, 0)).Low = machine.Vector(NumberOf(instruction, 1)).High;
                return true;
            case Mnemonic.Movhps or Mnemonic.Movhpd when IsVector(instruction, 0):
                machine.Vector(NumberOf(instruction, 0)).High = machine.Load(AddressOf(instruction), 8);
                return true;
            case Mnemonic.Movhps or Mnemonic.Movhpd:
                machine.Store(AddressOf(instruction), machine.Vector(NumberOf(instruction, 1)).High, 8);
                return true;
            default:
                return false;
        }
    }

    private static bool IsVector(in Instruction instruction, int operand)
        => instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand).IsXMM()
            && NumberOf(instruction, operand) < CallingConvention.X64.Vectors;

    private static int NumberOf(in Instruction instruction, int operand) => instruction.GetOpRegister(operand).GetNumber();

    private void MoveLow(in Instruction instruction, int size)
    {
        SymbolicValue value = IsVector(instruction, 1) ? machine.Vector(NumberOf(instruction, 1)).Low.Low(size) : Read(instruction, 1);
        if (IsVector(instruction, 0))
            machine.Vector(NumberOf(instruction, 0)) = (value, SymbolicValue.Constant(0));
        else
            Write(instruction, 0, value);
    }

    private void MoveWhole(in Instruction instruction)
    {
        if (IsVector(instruction, 0))
        {
            SymbolicValue address = IsVector(instruction, 1) ? default : AddressOf(instruction);
            machine.Vector(NumberOf(instruction, 0)) = IsVector(instruction, 1)
                ? machine.Vector(NumberOf(instruction, 1))
                : (machine.Load(address, 8), machine.Load(address.Plus(8), 8));
        }
        else if (IsVector(instruction, 1))
        {
            (SymbolicValue low, SymbolicValue high) = machine.Vector(NumberOf(instruction, 1));
            SymbolicValue address = AddressOf(instruction);
            machine.Store(address, low, 8);
            machine.Store(address.Plus(8), high, 8);
        }
    }
}
