using System.Numerics;
using Iced.Intel;

namespace Virtap.Virtio.Layouts.Code;

/// <summary>
/// Walks the paths through a small x86-64 function (System V calling convention) and notes what it loads, stores, tests and returns in terms of its arguments. It reads integer
/// code as accessors have it; whatever it does not know makes a value unknown, never wrong. Bounded: accessors are short, and a function that is
/// not is left after the first instructions of its first paths.
/// </summary>
internal sealed class X64CodeReader
{
    private const int MaximumPaths = 32;
    private const int MaximumInstructions = 1500;

    private static readonly Register[] s_arguments = [Register.RDI, Register.RSI, Register.RDX, Register.RCX, Register.R8, Register.R9];
    private static readonly Register[] s_lostInCalls =
        [Register.RAX, Register.RCX, Register.RDX, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11];

    private readonly byte[] _code;
    private readonly ulong _start;
    private readonly CodeFacts _facts = new();
    private readonly Stack<(ulong Address, State State)> _paths = new();
    private readonly HashSet<ulong> _branchesTaken = [];

    private X64CodeReader(byte[] code, ulong start)
    {
        _code = code;
        _start = start;
    }

    /// <summary>Reads a function.</summary>
    /// <param name="code">Its bytes, or at least those of its beginning.</param>
    /// <param name="start">Link-time address of the first.</param>
    public static CodeFacts Read(byte[] code, ulong start)
    {
        var reader = new X64CodeReader(code, start);
        reader.Walk();
        return reader._facts;
    }

    private void Walk()
    {
        _paths.Push((_start, State.Entry(s_arguments)));
        int instructions = 0;
        var bytes = new ByteArrayCodeReader(_code);
        var decoder = Decoder.Create(64, bytes);
        for (int paths = 0; paths < MaximumPaths && _paths.Count > 0; paths++)
        {
            var (address, state) = _paths.Pop();
            while (address >= _start && address < _start + (ulong)_code.Length && instructions++ < MaximumInstructions)
            {
                bytes.Position = (int)(address - _start);
                decoder.IP = address;
                decoder.Decode(out Instruction instruction);
                if (instruction.IsInvalid)
                    break;
                address = Step(instruction, state);
            }
        }
    }

    /// <returns>Where the path goes on; 0 when it ends.</returns>
    private ulong Step(in Instruction i, State state)
    {
        switch (i.FlowControl)
        {
            case FlowControl.Return:
                if (state[Register.RAX] is { } value)
                    _facts.Returns.Add(value);
                return 0;
            case FlowControl.UnconditionalBranch:
                return i.NearBranchTarget;
            case FlowControl.ConditionalBranch:
                // Each direction once; a loop's second round teaches nothing.
                if (_branchesTaken.Add(i.IP))
                    _paths.Push((i.NearBranchTarget, state.Copy()));
                return i.NextIP;
            case FlowControl.Call or FlowControl.IndirectCall:
                foreach (Register register in s_lostInCalls)
                    state[register] = null;
                state[Register.RAX] = LinearForm.Of(new LinearTerm.Result(i.IP));
                return i.NextIP;
            case FlowControl.Next:
                Execute(i, state);
                return i.NextIP;
            default:
                return 0;
        }
    }

    private void Execute(in Instruction i, State state)
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
                state.MoveStack(-8);
                state.Spill(0, pushed);
                break;
            case Mnemonic.Pop:
                LinearForm? popped = state.Spilled(0);
                state.MoveStack(8);
                Write(i, state, popped);
                break;
            case Mnemonic.Add or Mnemonic.Or when Register.RSP != Full(i.Op0Register):
                // Accessors join fields with `or` whose bits do not overlap.
                Write(i, state, Sum(Operand(i, 0, state), Operand(i, 1, state), 1));
                break;
            case Mnemonic.Sub or Mnemonic.Add when Register.RSP == Full(i.Op0Register):
                state.MoveStack(i.Mnemonic == Mnemonic.Add ? (long)i.GetImmediate(1) : -(long)i.GetImmediate(1));
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
                NoteBitTest(i, state);
                break;
            case Mnemonic.Cmp:
                // For the loads.
                _ = Operand(i, 0, state);
                _ = Operand(i, 1, state);
                break;
            default:
                Forget(i, state);
                break;
        }
    }

    // Reads what is read and forgets what is written, whatever the instruction does.
    private void Forget(in Instruction i, State state)
    {
        if (i.OpCount == 0 || i.Mnemonic is Mnemonic.Nop or Mnemonic.Endbr64)
            return;
        for (int n = 1; n < i.OpCount; n++)
            _ = Operand(i, n, state);
        Write(i, state, null);
    }

    private void NoteBitTest(in Instruction i, State state)
    {
        LinearForm? tested = Operand(i, 0, state);
        if (i.Op1Kind is not (OpKind.Immediate8 or OpKind.Immediate8to32 or OpKind.Immediate8to64 or OpKind.Immediate16 or OpKind.Immediate32 or OpKind.Immediate32to64)
            || tested is null || !tested.IsTerm(out LinearTerm? term) || term is not LinearTerm.Load load)
            return;
        ulong immediate = i.GetImmediate(1) & (load.Size == 8 ? ulong.MaxValue : (1ul << load.Size * 8) - 1);
        if (i.Mnemonic == Mnemonic.Test && !BitOperations.IsPow2(immediate))
            return;
        int bit = i.Mnemonic == Mnemonic.Bt ? (int)(immediate & 63) : BitOperations.TrailingZeroCount(immediate);
        _facts.BitTests.Add((load.Address.AddConstant(bit / 8), bit % 8));
    }

    private LinearForm? Operand(in Instruction i, int n, State state)
    {
        switch (i.GetOpKind(n))
        {
            case OpKind.Register:
                return state[Full(i.GetOpRegister(n))];
            case OpKind.Memory:
                if (i.SegmentPrefix is Register.FS or Register.GS || Address(i, state) is not { } address)
                    return null;
                int size = i.MemorySize.GetSize();
                if (state.StackOffset(address) is { } slot)
                    return size == 8 ? state.Spilled(slot) : null;
                var load = new LinearTerm.Load(address, size);
                _facts.Loads.Add(load);
                return LinearForm.Of(load);
            default:
                return LinearForm.Of((long)i.GetImmediate(n));
        }
    }

    private void Write(in Instruction i, State state, LinearForm? value)
    {
        switch (i.Op0Kind)
        {
            case OpKind.Register:
                if (Full(i.Op0Register) is >= Register.RAX and <= Register.R15 and not Register.RSP and var register)
                    state[register] = value;
                break;
            case OpKind.Memory:
                if (i.SegmentPrefix is Register.FS or Register.GS || Address(i, state) is not { } address)
                    break;
                if (state.StackOffset(address) is { } slot)
                    state.Spill(slot, value);
                else
                    _facts.Stores.Add((address, i.MemorySize.GetSize(), value));
                break;
        }
    }

    private static LinearForm? Address(in Instruction i, State state)
    {
        if (i.IsIPRelativeMemoryOperand)
            return LinearForm.Of(new LinearTerm.Bias()).AddConstant((long)i.IPRelativeMemoryAddress);
        LinearForm? address = LinearForm.Of((long)i.MemoryDisplacement64);
        if (i.MemoryBase != Register.None)
            address = Sum(address, state[i.MemoryBase.GetFullRegister()], 1);
        if (i.MemoryIndex != Register.None)
            address = Sum(address, state[i.MemoryIndex.GetFullRegister()], i.MemoryIndexScale);
        return address;
    }

    private static LinearForm? Sum(LinearForm? left, LinearForm? right, long factor) => left is null || right is null ? null : left.Add(right, factor);

    private static Register Full(Register register) => register.GetFullRegister();

    /// <summary>Registers and the stack's slots at a place of a path; null is unknown.</summary>
    private sealed class State
    {
        private readonly LinearForm?[] _registers;
        private readonly Dictionary<long, LinearForm?> _slots;
        private long _stack;

        private State(LinearForm?[] registers, Dictionary<long, LinearForm?> slots, long stack)
        {
            _registers = registers;
            _slots = slots;
            _stack = stack;
        }

        public LinearForm? this[Register register]
        {
            get => register switch
            {
                Register.RSP => LinearForm.Of(new LinearTerm.Stack()).AddConstant(_stack),
                >= Register.RAX and <= Register.R15 => _registers[register - Register.RAX],
                _ => null,
            };
            set => _registers[register - Register.RAX] = value;
        }

        public static State Entry(ReadOnlySpan<Register> arguments)
        {
            var registers = new LinearForm?[16];
            for (int n = 0; n < arguments.Length; n++)
                registers[arguments[n] - Register.RAX] = LinearForm.Of(new LinearTerm.Argument(n));
            return new State(registers, [], 0);
        }

        public State Copy() => new((LinearForm?[])_registers.Clone(), new Dictionary<long, LinearForm?>(_slots), _stack);

        public void MoveStack(long bytes) => _stack += bytes;

        /// <summary>Where an address lies from the stack pointer on; null when it is not on the stack.</summary>
        public long? StackOffset(LinearForm address) =>
            address.Terms is [(LinearTerm.Stack, 1)] ? address.Constant - _stack : null;

        public void Spill(long fromStackPointer, LinearForm? value) => _slots[_stack + fromStackPointer] = value;

        public LinearForm? Spilled(long fromStackPointer) => _slots.GetValueOrDefault(_stack + fromStackPointer);
    }
}
