using System.Numerics;
using Iced.Intel;

namespace Virtap.Virtio.Layouts.Code;

/// <summary>Reads x86-64 code of the System V calling convention.</summary>
internal sealed class X64CodeReader : CodeReader
{
    private const int Rax = 0, Rsp = 4;

    // rdi, rsi, rdx, rcx, r8, r9
    private static readonly int[] s_arguments = [7, 6, 2, 1, 8, 9];
    // rax, rcx, rdx, rsi, rdi, r8 to r11
    private static readonly int[] s_lostInCalls = [0, 1, 2, 6, 7, 8, 9, 10, 11];

    private readonly ByteArrayCodeReader _bytes;
    private readonly Decoder _decoder;

    public X64CodeReader(byte[] code, ulong start)
        : base(code, start)
    {
        _bytes = new ByteArrayCodeReader(code);
        _decoder = Decoder.Create(64, _bytes);
    }

    protected override CodeState Entry() => CodeState.Entry(s_arguments, Rsp);

    protected override ulong Step(ulong address, CodeState state)
    {
        _bytes.Position = (int)(address - Start);
        _decoder.IP = address;
        _decoder.Decode(out Instruction i);
        if (i.IsInvalid)
            return 0;
        switch (i.FlowControl)
        {
            case FlowControl.Return:
                if (state[Rax] is { } value)
                    Facts.Returns.Add(value);
                return 0;
            case FlowControl.UnconditionalBranch:
                return i.NearBranchTarget;
            case FlowControl.ConditionalBranch:
                Branch(i.IP, i.NearBranchTarget, state);
                return i.NextIP;
            case FlowControl.Call or FlowControl.IndirectCall:
                foreach (int register in s_lostInCalls)
                    state[register] = null;
                state[Rax] = LinearForm.Of(new LinearTerm.Result(i.IP));
                return i.NextIP;
            case FlowControl.Next:
                Execute(i, state);
                return i.NextIP;
            default:
                return 0;
        }
    }

    private void Execute(in Instruction i, CodeState state)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd:
                Write(i, state, Operand(i, 1, state));
                break;
            case Mnemonic.Lea:
                Write(i, state, Address(i, state));
                break;
            case Mnemonic.Push:
                LinearForm? pushed = Operand(i, 0, state);
                state[Rsp] = state[Rsp]?.AddConstant(-8);
                state.Store(state[Rsp], 8, pushed, Facts);
                break;
            case Mnemonic.Pop:
                LinearForm? popped = state.Load(state[Rsp], 8, Facts);
                state[Rsp] = state[Rsp]?.AddConstant(8);
                Write(i, state, popped);
                break;
            case Mnemonic.Add or Mnemonic.Or:
                // Accessors join fields with `or` whose bits do not overlap.
                Write(i, state, Sum(Operand(i, 0, state), Operand(i, 1, state)));
                break;
            case Mnemonic.Sub:
                Write(i, state, Sum(Operand(i, 0, state), Operand(i, 1, state), -1));
                break;
            case Mnemonic.Inc or Mnemonic.Dec:
                Write(i, state, Operand(i, 0, state)?.AddConstant(i.Mnemonic == Mnemonic.Inc ? 1 : -1));
                break;
            case Mnemonic.Xor when i.Op0Kind == OpKind.Register && i.Op1Kind == OpKind.Register && i.Op0Register == i.Op1Register:
                Write(i, state, LinearForm.Zero);
                break;
            case Mnemonic.Shl when i.Op1Kind is OpKind.Immediate8:
                Write(i, state, Operand(i, 0, state)?.Multiply(1L << (int)(i.GetImmediate(1) & 63)));
                break;
            case Mnemonic.Imul when i.OpCount == 3:
                Write(i, state, Operand(i, 1, state)?.Multiply((long)i.GetImmediate(2)));
                break;
            case Mnemonic.Test or Mnemonic.Bt:
                ReadBitTest(i, state);
                break;
            case Mnemonic.Cmp:
                // For the loads.
                _ = Operand(i, 0, state);
                _ = Operand(i, 1, state);
                break;
            case Mnemonic.Nop or Mnemonic.Endbr64:
                break;
            default:
                // Reads what is read and forgets what is written, whatever the instruction does.
                for (int n = 1; n < i.OpCount; n++)
                    _ = Operand(i, n, state);
                if (i.OpCount > 0)
                    Write(i, state, null);
                break;
        }
    }

    private void ReadBitTest(in Instruction i, CodeState state)
    {
        LinearForm? tested = Operand(i, 0, state);
        if (i.Op1Kind is OpKind.Register or OpKind.Memory)
            return;
        ulong immediate = i.GetImmediate(1);
        // A test of the sign bit of a narrow value has its immediate widened by sign.
        if (i.Mnemonic == Mnemonic.Test && i.MemorySize.GetSize() is > 0 and < 8 and var size)
            immediate &= (1ul << size * 8) - 1;
        if (i.Mnemonic == Mnemonic.Bt)
            NoteBitTest(tested, (int)(immediate & 63));
        else if (BitOperations.IsPow2(immediate))
            NoteBitTest(tested, BitOperations.TrailingZeroCount(immediate));
    }

    private LinearForm? Operand(in Instruction i, int n, CodeState state)
    {
        switch (i.GetOpKind(n))
        {
            case OpKind.Register:
                return Number(i.GetOpRegister(n)) is { } register ? state[register] : null;
            case OpKind.Memory:
                return IsThreadLocal(i) ? null : state.Load(Address(i, state), i.MemorySize.GetSize(), Facts);
            default:
                return LinearForm.Of((long)i.GetImmediate(n));
        }
    }

    private void Write(in Instruction i, CodeState state, LinearForm? value)
    {
        if (i.Op0Kind == OpKind.Register && Number(i.Op0Register) is { } register)
            state[register] = value;
        else if (i.Op0Kind == OpKind.Memory && !IsThreadLocal(i))
            state.Store(Address(i, state), i.MemorySize.GetSize(), value, Facts);
    }

    private static LinearForm? Address(in Instruction i, CodeState state)
    {
        if (i.IsIPRelativeMemoryOperand)
            return LinearForm.Of(new LinearTerm.Bias()).AddConstant((long)i.IPRelativeMemoryAddress);
        LinearForm? address = LinearForm.Of((long)i.MemoryDisplacement64);
        if (i.MemoryBase != Register.None)
            address = Sum(address, Number(i.MemoryBase) is { } start ? state[start] : null);
        if (i.MemoryIndex != Register.None)
            address = Sum(address, Number(i.MemoryIndex) is { } index ? state[index] : null, i.MemoryIndexScale);
        return address;
    }

    private static bool IsThreadLocal(in Instruction i) => i.SegmentPrefix is Register.FS or Register.GS;

    private static int? Number(Register register) => register.GetFullRegister() is >= Register.RAX and <= Register.R15 and var full ? full - Register.RAX : null;
}
