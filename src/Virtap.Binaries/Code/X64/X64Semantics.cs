using Iced.Intel;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.X64;

/// <summary>What instructions of x86-64 that do not jump make of a machine's state.</summary>
internal readonly partial struct X64Semantics(SymbolicMachine machine)
{
    private const int Rax = 0;

    [ThreadStatic]
    private static InstructionInfoFactory? t_information;

    /// <summary>Runs one instruction.</summary>
    public void Step(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Endbr64:
                break;
            case Mnemonic.Mov or Mnemonic.Movzx:
                Write(instruction, 0, Read(instruction, 1));
                break;
            case Mnemonic.Movsx or Mnemonic.Movsxd:
                Write(instruction, 0, Read(instruction, 1, signExtend: true));
                break;
            case Mnemonic.Lea:
                Write(instruction, 0, AddressOf(instruction));
                break;
            case Mnemonic.Xchg:
                SymbolicValue first = Read(instruction, 0), second = Read(instruction, 1);
                Write(instruction, 0, second);
                Write(instruction, 1, first);
                break;
            case Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cdqe:
                WidenRax(instruction.Mnemonic);
                break;
            case Mnemonic.Push when instruction.StackPointerIncrement == -8:
                Push(Read(instruction, 0, signExtend: true));
                break;
            case Mnemonic.Pop when instruction.StackPointerIncrement == 8:
                Write(instruction, 0, Pop());
                break;
            case Mnemonic.Leave:
                StackPointer = machine[CallingConvention.X64.FramePointer];
                machine[CallingConvention.X64.FramePointer] = Pop();
                break;
            default:
                if (!StepArithmetic(instruction) && !StepVector(instruction))
                    Forget(
                        instruction,
                        $"it is computed by an instruction that is not followed ({instruction.Mnemonic.ToString().ToLowerInvariant()})");
                break;
        }
    }

    /// <summary>The condition of an instruction that depends on flags.</summary>
    public static FlagCondition ConditionOf(ConditionCode condition) => condition switch
    {
        ConditionCode.e => FlagCondition.Equal,
        ConditionCode.ne => FlagCondition.NotEqual,
        ConditionCode.s => FlagCondition.Negative,
        ConditionCode.ns => FlagCondition.NotNegative,
        ConditionCode.b => FlagCondition.Below,
        ConditionCode.ae => FlagCondition.AboveOrEqual,
        ConditionCode.a => FlagCondition.Above,
        ConditionCode.be => FlagCondition.BelowOrEqual,
        ConditionCode.l => FlagCondition.Less,
        ConditionCode.ge => FlagCondition.GreaterOrEqual,
        ConditionCode.g => FlagCondition.Greater,
        ConditionCode.le => FlagCondition.LessOrEqual,
        _ => FlagCondition.Other,
    };

    private SymbolicValue StackPointer
    {
        get => machine[CallingConvention.X64.StackPointer];
        set => machine[CallingConvention.X64.StackPointer] = value;
    }

    /// <summary>Makes all that an instruction writes unknown.</summary>
    private void Forget(in Instruction instruction, string reason)
    {
        SymbolicValue unknown = SymbolicValue.Unknown(reason);
        ref readonly InstructionInfo information = ref (t_information ??= new InstructionInfoFactory()).GetInfo(instruction);
        foreach (UsedRegister used in information.GetUsedRegisters())
        {
            if (used.Access is OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess)
                continue;
            int number = X64Registers.NumberOf(used.Register);
            if (number >= 0)
                machine[number] = unknown;
            else if (used.Register.IsVectorRegister() && used.Register.GetNumber() < CallingConvention.X64.Vectors)
                machine.Vector(used.Register.GetNumber()) = (unknown, unknown);
        }

        foreach (UsedMemory used in information.GetUsedMemory())
        {
            if (used.Access is not (OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess))
                machine.Overwrite(reason);
        }

        if (instruction.RflagsModified != RflagsBits.None)
            machine.Flags = SymbolicFlags.Unknown(reason);
    }

    private void WidenRax(Mnemonic mnemonic)
    {
        SymbolicValue rax = machine[Rax];
        machine[Rax] = mnemonic switch
        {
            Mnemonic.Cdqe => rax.Low(4, signExtend: true),
            Mnemonic.Cwde => rax.Low(2, signExtend: true).Low(4),
            _ => rax.WithLow(rax.Low(1, signExtend: true).Low(2), 2),
        };
    }

    private void Push(SymbolicValue value)
    {
        StackPointer = StackPointer.Plus(-8);
        machine.Store(StackPointer, value, 8);
    }

    private SymbolicValue Pop()
    {
        SymbolicValue value = machine.StackWord(0);
        StackPointer = StackPointer.Plus(8);
        return value;
    }
}
