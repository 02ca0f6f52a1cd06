using Iced.Intel;

namespace Virtap.Binaries.Machine.X64.Symbolic;

/// <summary>Vector registers as far as compilers put integers through them: moves of 8 and 16 bytes, and pairing.</summary>
internal sealed partial class SymbolicMachine
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
                _vectors[NumberOf(instruction, 0)] = (SymbolicValue.Constant(0), SymbolicValue.Constant(0));
                return true;
            case Mnemonic.Punpcklqdq or Mnemonic.Movlhps when IsVector(instruction, 1):
                _vectors[NumberOf(instruction, 0)].High = _vectors[NumberOf(instruction, 1)].Low;
                return true;
            case Mnemonic.Movhlps:
                _vectors[NumberOf(instruction, 0)].Low = _vectors[NumberOf(instruction, 1)].High;
                return true;
            case Mnemonic.Movhps or Mnemonic.Movhpd when IsVector(instruction, 0):
                _vectors[NumberOf(instruction, 0)].High = Memory.Load(AddressOf(instruction), 8);
                return true;
            case Mnemonic.Movhps or Mnemonic.Movhpd:
                Memory = Memory.WithStore(AddressOf(instruction), _vectors[NumberOf(instruction, 1)].High, 8);
                return true;
            default:
                return false;
        }
    }

    private static bool IsVector(in Instruction instruction, int operand)
        => instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand).IsXMM() && NumberOf(instruction, operand) < X64Registers.Count;

    private static int NumberOf(in Instruction instruction, int operand) => instruction.GetOpRegister(operand).GetNumber();

    private void MoveLow(in Instruction instruction, int size)
    {
        SymbolicValue value = IsVector(instruction, 1) ? _vectors[NumberOf(instruction, 1)].Low.Low(size) : Read(instruction, 1);
        if (IsVector(instruction, 0))
            _vectors[NumberOf(instruction, 0)] = (value, SymbolicValue.Constant(0));
        else
            Write(instruction, 0, value);
    }

    private void MoveWhole(in Instruction instruction)
    {
        if (IsVector(instruction, 0))
        {
            SymbolicValue address = IsVector(instruction, 1) ? default : AddressOf(instruction);
            _vectors[NumberOf(instruction, 0)] = IsVector(instruction, 1)
                ? _vectors[NumberOf(instruction, 1)]
                : (Memory.Load(address, 8), Memory.Load(Above(address), 8));
        }
        else if (IsVector(instruction, 1))
        {
            (SymbolicValue low, SymbolicValue high) = _vectors[NumberOf(instruction, 1)];
            SymbolicValue address = AddressOf(instruction);
            Memory = Memory.WithStore(address, low, 8).WithStore(Above(address), high, 8);
        }
    }

    private static SymbolicValue Above(SymbolicValue address) => address.Apply(static value => MachineAlgebra.Add(value, new ConstantValue(8)));
}
