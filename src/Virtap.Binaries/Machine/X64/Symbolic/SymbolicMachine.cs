using Iced.Intel;

namespace Virtap.Binaries.Machine.X64.Symbolic;

/// <summary>
/// Registers, flags and memory of a thread as expressions over the state that it had at a probe site. <see cref="Step"/> runs
/// one instruction that does not jump. What is not followed makes its results unknown, with the reason; it never makes them wrong.
/// </summary>
internal sealed partial class SymbolicMachine
{
    private readonly SymbolicValue[] _registers = new SymbolicValue[X64Registers.Count];
    private readonly (SymbolicValue Low, SymbolicValue High)[] _vectors = new (SymbolicValue, SymbolicValue)[X64Registers.Count];
    private InstructionInfoFactory? _information;

    /// <summary>The state at the site itself.</summary>
    /// <param name="constants">Addresses of bytes in the image that are taken never to change.</param>
    /// <param name="hasFramePointer">Whether rbp points into the frame of the function.</param>
    public SymbolicMachine(IReadOnlySet<ulong> constants, bool hasFramePointer)
    {
        for (int number = 0; number < _registers.Length; number++)
            _registers[number] = SymbolicValue.Of(X64Registers.ValueOf(number));
        Array.Fill(_vectors, (VectorAtSite, VectorAtSite));
        Memory = SymbolicMemory.AtSite(constants, hasFramePointer);
    }

    private SymbolicMachine(SymbolicMachine other)
    {
        other._registers.CopyTo(_registers, 0);
        other._vectors.CopyTo(_vectors, 0);
        Flags = other.Flags;
        Memory = other.Memory;
    }

    private static SymbolicValue VectorAtSite => SymbolicValue.Unknown("it is in a vector register at the trace point");

    /// <summary>The flags.</summary>
    public SymbolicFlags Flags { get; private set; } = SymbolicFlags.Unknown("it depends on a comparison before the trace point");

    /// <summary>The memory.</summary>
    public SymbolicMemory Memory { get; private set; }

    /// <summary>A general register, by the processor's number.</summary>
    public SymbolicValue this[int register] => _registers[register];

    /// <summary>The same state, to go on with independently.</summary>
    public SymbolicMachine Clone() => new(this);

    /// <summary>A word on the stack.</summary>
    /// <param name="offset">Bytes above the stack pointer.</param>
    public SymbolicValue StackWord(int offset) => Memory.Load(_registers[X64Registers.Rsp].Apply(rsp => MachineAlgebra.Add(rsp, new ConstantValue(offset))), 8);

    /// <summary>Runs one instruction that does not jump.</summary>
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
                _registers[X64Registers.Rsp] = _registers[X64Registers.Rbp];
                _registers[X64Registers.Rbp] = Pop();
                break;
            default:
                if (!StepArithmetic(instruction) && !StepVector(instruction))
                    Forget(instruction, $"it is computed by an instruction that is not followed ({instruction.Mnemonic.ToString().ToLowerInvariant()})");
                break;
        }
    }

    /// <summary>Runs a call: what the function called may do is not followed.</summary>
    /// <param name="name">Its name, for people.</param>
    public void Call(string name)
    {
        string reason = ComputedBy(name);
        bool showsStack = false;
        foreach (int argument in X64Registers.Arguments)
            showsStack |= IsStackAddress(_registers[argument]);
        Memory = showsStack ? Memory.Overwritten(reason) : Memory.OverwrittenByCall(reason);
        ForgetCallerSaved(reason);
    }

    /// <summary>
    /// Runs a call of a function of which it is known what memory it writes: some bytes where its first argument points, a variable made for that.
    /// </summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="writtenByCall">How many, a multiple of 8.</param>
    public void Call(string name, int writtenByCall)
    {
        string reason = ComputedBy(name);
        for (int offset = 0; offset < writtenByCall; offset += 8)
        {
            int distance = offset;
            SymbolicValue address = _registers[X64Registers.Rdi].Apply(start => MachineAlgebra.Add(start, new ConstantValue(distance)));
            Memory = Memory.WithStore(address, SymbolicValue.Unknown(reason), 8, isPrivate: true);
        }

        ForgetCallerSaved(reason);
    }

    /// <summary>
    /// Takes in that control may also arrive with another state: what differs becomes unknown.
    /// </summary>
    /// <param name="other">The other state.</param>
    /// <param name="reason">Why what differs is not known.</param>
    /// <returns>Whether anything became unknown.</returns>
    public bool Join(SymbolicMachine other, string reason)
    {
        bool changed = false;
        SymbolicValue unknown = SymbolicValue.Unknown(reason);
        for (int n = 0; n < _registers.Length; n++)
            changed |= JoinValue(ref _registers[n], other._registers[n], unknown);
        for (int n = 0; n < _vectors.Length; n++)
        {
            changed |= JoinValue(ref _vectors[n].Low, other._vectors[n].Low, unknown);
            changed |= JoinValue(ref _vectors[n].High, other._vectors[n].High, unknown);
        }

        if (Flags != other.Flags && Flags.Origin != FlagsOrigin.Unknown)
        {
            Flags = SymbolicFlags.Unknown(reason);
            changed = true;
        }

        SymbolicMemory joined = Memory.Join(other.Memory, reason);
        changed |= !ReferenceEquals(joined, Memory);
        Memory = joined;
        return changed;
    }

    private static string ComputedBy(string name) => $"it is computed by a call to {name} after the trace point was decided";

    private void ForgetCallerSaved(string reason)
    {
        SymbolicValue unknown = SymbolicValue.Unknown(reason);
        foreach (int register in X64Registers.CallerSaved)
            _registers[register] = unknown;
        Array.Fill(_vectors, (unknown, unknown));
        Flags = SymbolicFlags.Unknown(reason);
    }

    private static bool JoinValue(ref SymbolicValue value, SymbolicValue other, SymbolicValue unknown)
    {
        if (value.Expression is null || value == other)
            return false;
        value = unknown;
        return true;
    }

    private static bool IsStackAddress(SymbolicValue value)
        => value.Expression is { } expression && MachineAlgebra.Split(expression).Base == X64Registers.ValueOf(X64Registers.Rsp);

    /// <summary>Makes all that an instruction writes unknown.</summary>
    private void Forget(in Instruction instruction, string reason)
    {
        SymbolicValue unknown = SymbolicValue.Unknown(reason);
        ref readonly InstructionInfo information = ref (_information ??= new InstructionInfoFactory()).GetInfo(instruction);
        foreach (UsedRegister used in information.GetUsedRegisters())
        {
            if (used.Access is OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess)
                continue;
            int number = X64Registers.NumberOf(used.Register);
            if (number >= 0)
                _registers[number] = unknown;
            else if (used.Register.IsVectorRegister() && used.Register.GetNumber() < _vectors.Length)
                _vectors[used.Register.GetNumber()] = (unknown, unknown);
        }

        foreach (UsedMemory used in information.GetUsedMemory())
        {
            if (used.Access is not (OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess))
                Memory = Memory.Overwritten(reason);
        }

        if (instruction.RflagsModified != RflagsBits.None)
            Flags = SymbolicFlags.Unknown(reason);
    }

    private void WidenRax(Mnemonic mnemonic)
    {
        SymbolicValue rax = _registers[X64Registers.Rax];
        _registers[X64Registers.Rax] = mnemonic switch
        {
            Mnemonic.Cdqe => rax.Low(4, signExtend: true),
            Mnemonic.Cwde => rax.Low(2, signExtend: true).Low(4),
            _ => rax.WithLow(rax.Low(1, signExtend: true).Low(2), 2),
        };
    }

    private void Push(SymbolicValue value)
    {
        _registers[X64Registers.Rsp] = _registers[X64Registers.Rsp].Apply(static rsp => MachineAlgebra.Add(rsp, new ConstantValue(-8)));
        Memory = Memory.WithStore(_registers[X64Registers.Rsp], value, 8);
    }

    private SymbolicValue Pop()
    {
        SymbolicValue value = StackWord(0);
        _registers[X64Registers.Rsp] = _registers[X64Registers.Rsp].Apply(static rsp => MachineAlgebra.Add(rsp, new ConstantValue(8)));
        return value;
    }
}
