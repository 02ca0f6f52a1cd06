using Iced.Intel;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.X64;

/// <summary>Operands: registers and their parts, immediates, memory.</summary>
internal readonly partial struct X64Semantics
{
    /// <summary>Bytes of a general operand.</summary>
    private static int SizeOf(in Instruction instruction, int operand) => instruction.GetOpKind(operand) switch
    {
        OpKind.Register => instruction.GetOpRegister(operand).GetSize(),
        OpKind.Memory => instruction.MemorySize.GetSize(),
        OpKind.Immediate8 => 1,
        OpKind.Immediate16 => 2,
        OpKind.Immediate32 => 4,
        _ => 8,
    };

    /// <summary>An operand, widened to 64 bits.</summary>
    public SymbolicValue Read(in Instruction instruction, int operand, bool signExtend = false)
    {
        switch (instruction.GetOpKind(operand))
        {
            case OpKind.Register:
                Register register = instruction.GetOpRegister(operand);
                int number = X64Registers.NumberOf(register);
                if (number < 0)
                    return SymbolicValue.Unknown($"it comes from register {register.ToString().ToLowerInvariant()}");
                SymbolicValue whole = machine[number];
                if (X64Registers.IsHighByte(register))
                    whole = whole.Low(2).Apply(static value => MachineAlgebra.ShiftRightLogical(value, new ConstantValue(8)));
                return whole.Low(register.GetSize(), signExtend);
            case OpKind.Memory:
                int size = instruction.MemorySize.GetSize();
                return size is 1 or 2 or 4 or 8
                    ? machine.Load(AddressOf(instruction), size).Low(size, signExtend)
                    : SymbolicValue.Unknown($"it is read from memory in a piece of {size} bytes");
            case OpKind.Immediate8 or OpKind.Immediate16 or OpKind.Immediate32 or OpKind.Immediate64
                or OpKind.Immediate8to16 or OpKind.Immediate8to32 or OpKind.Immediate8to64 or OpKind.Immediate32to64:
                long immediate = (long)instruction.GetImmediate(operand);
                return SymbolicValue.Constant(immediate);
            default:
                return SymbolicValue.Unknown("it comes from an operand that is not followed");
        }
    }

    private void Write(in Instruction instruction, int operand, SymbolicValue value)
    {
        if (instruction.GetOpKind(operand) == OpKind.Register)
        {
            WriteRegister(instruction.GetOpRegister(operand), value);
            return;
        }

        int size = instruction.MemorySize.GetSize();
        if (size is 1 or 2 or 4 or 8)
            machine.Store(AddressOf(instruction), value, size);
        else
            machine.Overwrite($"it is read from memory after a store of {size} bytes");
    }

    /// <summary>Writes to a register: four bytes clear the upper half, one and two leave the rest as it is.</summary>
    private void WriteRegister(Register register, SymbolicValue value)
    {
        int number = X64Registers.NumberOf(register), size = register.GetSize();
        if (number < 0)
            return;
        machine[number] = size switch
        {
            8 => value,
            4 => value.Low(4),
            1 when X64Registers.IsHighByte(register) => SymbolicValue.Unknown("it is put together from bytes of a register"),
            _ => machine[number].WithLow(value.Low(size), size),
        };
    }

    /// <summary>The address of the memory operand, or what <c>lea</c> computes.</summary>
    private SymbolicValue AddressOf(in Instruction instruction)
    {
        if (instruction.MemorySegment is Register.FS or Register.GS && instruction.Mnemonic != Mnemonic.Lea)
            return SymbolicValue.Unknown("it is read from thread-local storage");
        if (instruction.IsIPRelativeMemoryOperand)
            return SymbolicValue.Of(new ImageAddress(instruction.IPRelativeMemoryAddress));
        SymbolicValue address = SymbolicValue.Constant((long)instruction.MemoryDisplacement64);
        if (instruction.MemoryBase != Register.None)
            address = SymbolicValue.Apply(AddressPart(instruction.MemoryBase), address, MachineAlgebra.Add);
        if (instruction.MemoryIndex == Register.None)
            return address;
        SymbolicValue scale = SymbolicValue.Constant(instruction.MemoryIndexScale);
        return SymbolicValue.Apply(
            address, SymbolicValue.Apply(AddressPart(instruction.MemoryIndex), scale, MachineAlgebra.Multiply), MachineAlgebra.Add);
    }

    private SymbolicValue AddressPart(Register register)
    {
        int number = X64Registers.NumberOf(register);
        return number >= 0 && register.GetSize() == 8 ? machine[number] : SymbolicValue.Unknown("its address is computed in 32 bits");
    }
}
