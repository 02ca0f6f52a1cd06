namespace Virtap.Binaries.Code.Symbolic;

/// <summary>
/// Registers, flags and memory of a thread as expressions over the state that it had at a place in the code. The semantics of a processor's
/// instructions (<c>X64Semantics</c>, <c>Arm64Semantics</c>) are told in terms of this machine, which is the same for all processors.
/// What is not followed makes its results unknown, with the reason; it never makes them wrong.
/// </summary>
internal sealed class SymbolicMachine
{
    private readonly SymbolicValue[] _registers;
    private readonly (SymbolicValue Low, SymbolicValue High)[] _vectors;
    private readonly FunctionEffects? _effects;
    private SymbolicFlags _flags = SymbolicFlags.Unknown("it depends on a comparison before the trace point");

    private SymbolicMachine(CallingConvention convention, SymbolicMemory memory, FunctionEffects? effects)
    {
        Convention = convention;
        Memory = memory;
        _effects = effects;
        _registers = new SymbolicValue[convention.Count];
        for (int number = 0; number < _registers.Length; number++)
            _registers[number] = SymbolicValue.Of(convention.ValueOf(number));
        _vectors = new (SymbolicValue, SymbolicValue)[convention.Vectors];
        SymbolicValue unknown = SymbolicValue.Unknown("it is in a vector register at the trace point");
        Array.Fill(_vectors, (unknown, unknown));
    }

    private SymbolicMachine(SymbolicMachine other)
    {
        Convention = other.Convention;
        Memory = other.Memory;
        _effects = other._effects;
        _registers = [.. other._registers];
        _vectors = [.. other._vectors];
        _flags = other._flags;
    }

    /// <summary>The state at a probe site: a value is told only where the registers and the memory at the site itself have it.</summary>
    /// <param name="convention">The processor's.</param>
    /// <param name="constants">Addresses of bytes in the image that are taken never to change.</param>
    /// <param name="hasFramePointer">Whether the frame pointer points into the frame of the function.</param>
    /// <param name="linkage">The words of the image that have addresses; null if those do not matter.</param>
    public static SymbolicMachine AtSite(
        CallingConvention convention, IReadOnlySet<ulong> constants, bool hasFramePointer, GlobalOffsetTable? linkage = null)
        => new(convention, SymbolicMemory.AtSite(convention, constants, hasFramePointer, linkage), null);

    /// <summary>
    /// The state on entry to a function of which it is only asked what places it works on: loads name what memory holds when it is read.
    /// </summary>
    /// <param name="convention">The processor's.</param>
    /// <param name="effects">Receives what the function does.</param>
    public static SymbolicMachine OnEntry(CallingConvention convention, FunctionEffects effects)
        => new(convention, SymbolicMemory.OfNames(convention), effects);

    /// <summary>
    /// The state where a function is entered, however that may be: nothing is known but where the stack is. Loads name the image's
    /// variables.
    /// </summary>
    /// <param name="convention">The processor's.</param>
    /// <param name="linkage">The words of the image that have addresses.</param>
    /// <param name="effects">Receives what the function does.</param>
    public static SymbolicMachine OfImage(CallingConvention convention, GlobalOffsetTable linkage, FunctionEffects effects)
    {
        SymbolicMachine machine = new(convention, SymbolicMemory.OfImage(convention, linkage), effects);
        for (int number = 0; number < convention.Count; number++)
        {
            if (number != convention.StackPointer)
                machine[number] = SymbolicValue.Unknown("it is set before the function is entered");
        }

        return machine;
    }

    /// <summary>What is known of the processor's registers.</summary>
    public CallingConvention Convention { get; }

    /// <summary>The flags.</summary>
    public SymbolicFlags Flags
    {
        get => _flags;
        set
        {
            _flags = value;
            if (value.Right.Expression is ConstantValue { Value: 0 })
                Test(value.Left);
        }
    }

    /// <summary>The memory.</summary>
    public SymbolicMemory Memory { get; private set; }

    /// <summary>A general register, by the processor's number.</summary>
    public SymbolicValue this[int register]
    {
        get => _registers[register];
        set => _registers[register] = value;
    }

    /// <summary>A vector register, of which the lowest 16 bytes are followed.</summary>
    public ref (SymbolicValue Low, SymbolicValue High) Vector(int number) => ref _vectors[number];

    /// <summary>The same state, to go on with independently.</summary>
    public SymbolicMachine Clone() => new(this);

    /// <summary>How far a register's address is from where the stack pointer was in the beginning; null where it is none there.</summary>
    public long? StackOffset(int register) =>
        _registers[register].Expression is { } expression && Memory.IsOnStack(expression) ? MachineAlgebra.Split(expression).Offset : null;

    /// <summary>Takes over the addresses that are kept in the frame.</summary>
    /// <param name="known">A state that has them (<see cref="OfImage"/>).</param>
    /// <param name="distance">How far the other state's beginning is above this one's stack pointer.</param>
    public void TakeSpilled(SymbolicMachine known, long distance)
    {
        foreach ((long offset, ulong address) in known.Memory.Spilled)
        {
            Memory = Memory.WithStore(
                _registers[Convention.StackPointer].Plus(offset + distance), new ImageAddress(address), sizeof(ulong), isPrivate: true);
        }
    }

    /// <summary>A word on the stack.</summary>
    /// <param name="offset">Bytes above the stack pointer.</param>
    public SymbolicValue StackWord(int offset) => Load(_registers[Convention.StackPointer].Plus(offset), 8);

    /// <summary>The value of 1, 2, 4 or 8 bytes of memory, widened by zeros.</summary>
    public SymbolicValue Load(SymbolicValue address, int size)
    {
        if (_effects is not null && address.KnownBytes == 8 && !Memory.IsOnStack(address.Expression!))
            _effects.Note(new LoadValue(address.Expression!, size, SignExtend: false));
        return Memory.Load(address, size);
    }

    /// <summary>Stores the low 1, 2, 4 or 8 bytes of a value.</summary>
    public void Store(SymbolicValue address, SymbolicValue value, int size)
    {
        value = value.Low(size);
        if (_effects is not null && address.KnownBytes == 8 && !Memory.IsOnStack(address.Expression!))
            _effects.Note(new StoreEffect(address.Expression!, size, value.Expression));
        Memory = Memory.WithStore(address, value, size);
    }

    /// <summary>Takes in that a value's being zero is asked for, or one of its bits.</summary>
    public void Test(SymbolicValue value)
    {
        if (_effects is not null && value.Expression is { } tested)
            _effects.NoteTest(tested);
    }

    /// <summary>Takes in that the function returns.</summary>
    public void Return()
    {
        if (_registers[Convention.Result].Expression is { } result)
            _effects?.NoteReturn(result);
    }

    /// <summary>Takes in that anything may have been written to memory.</summary>
    public void Overwrite(string reason) => Memory = Memory.Overwritten(reason);

    /// <summary>Makes everything unknown.</summary>
    public void ForgetAll(string reason)
    {
        SymbolicValue unknown = SymbolicValue.Unknown(reason);
        Array.Fill(_registers, unknown);
        Array.Fill(_vectors, (unknown, unknown));
        Flags = SymbolicFlags.Unknown(reason);
        Overwrite(reason);
    }

    /// <summary>Tells whoever asks for effects of a call that comes next.</summary>
    /// <param name="target">Link-time address of what is called.</param>
    public void NoteCall(ulong target) => _effects?.Note(new CallEffect(target, _registers[Convention.Arguments[0]].Expression));

    /// <summary>Runs a call: what the function called may do is not followed.</summary>
    /// <param name="name">Its name, for people.</param>
    public void Call(string name)
    {
        string reason = ComputedBy(name);
        bool showsStack = false;
        foreach (int argument in Convention.Arguments)
            showsStack |= _registers[argument].Expression is { } expression && Memory.IsOnStack(expression);
        Memory = showsStack ? Memory.Overwritten(reason) : Memory.OverwrittenByCall(reason);
        ForgetCallerSaved(reason);
    }

    /// <summary>
    /// Runs a call of a function of which it is known what memory it writes: some bytes where its first argument points, a variable made
    /// for that.
    /// </summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="writtenByCall">How many, a multiple of 8.</param>
    public void Call(string name, int writtenByCall)
    {
        string reason = ComputedBy(name);
        for (int offset = 0; offset < writtenByCall; offset += 8)
            Memory = Memory.WithStore(_registers[Convention.Arguments[0]].Plus(offset), SymbolicValue.Unknown(reason), 8, isPrivate: true);
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

        if (_flags != other._flags && _flags.Origin != FlagsOrigin.Unknown)
        {
            _flags = SymbolicFlags.Unknown(reason);
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
        foreach (int register in Convention.CallerSaved)
            _registers[register] = unknown;
        Array.Fill(_vectors, (unknown, unknown));
        _flags = SymbolicFlags.Unknown(reason);
    }

    private static bool JoinValue(ref SymbolicValue value, SymbolicValue other, SymbolicValue unknown)
    {
        if (value.Expression is null || value == other)
            return false;
        value = unknown;
        return true;
    }
}
