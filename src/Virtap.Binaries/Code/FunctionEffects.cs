namespace Virtap.Binaries.Code;

/// <summary>A store to memory.</summary>
/// <param name="Address">Where to.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Value">What; null where it is not known.</param>
public sealed record StoreEffect(MachineExpression Address, int Size, MachineExpression? Value);

/// <summary>
/// What a function does on the paths through it, outside of its own stack frame, as expressions over the registers that it is entered with.
/// A <see cref="LoadValue"/> stands for what memory holds there when the function reads it. What is not known is left out.
/// </summary>
public sealed class FunctionEffects
{
    private readonly List<MachineExpression> _returns = [], _tests = [];
    private readonly List<LoadValue> _loads = [];
    private readonly List<StoreEffect> _stores = [];
    private readonly List<CallEffect> _calls = [];

    internal FunctionEffects()
    {
    }

    /// <summary>
    /// Values returned, in the order the paths were walked: the one that jumps least first. Above a narrow type's bits they are anything.
    /// </summary>
    public IReadOnlyList<MachineExpression> Returns => _returns;

    /// <summary>Loads from memory, in the order of the paths.</summary>
    public IReadOnlyList<LoadValue> Loads => _loads;

    /// <summary>Stores to memory, in the order of the paths.</summary>
    public IReadOnlyList<StoreEffect> Stores => _stores;

    /// <summary>Calls whose target the instruction names, in the order of the paths.</summary>
    public IReadOnlyList<CallEffect> Calls => _calls;

    /// <summary>
    /// Values of which it was asked whether they are zero, be it one bit of a value: <c>value &amp; 4</c>, <c>value >> 2 &amp; 1</c>.
    /// </summary>
    public IReadOnlyList<MachineExpression> Tests => _tests;

    internal void Note(LoadValue load) => _loads.Add(load);

    internal void Note(StoreEffect store) => _stores.Add(store);

    internal void Note(CallEffect call) => _calls.Add(call);

    internal void NoteTest(MachineExpression tested) => _tests.Add(tested);

    internal void NoteReturn(MachineExpression value) => _returns.Add(value);
}

/// <summary>A call of another function.</summary>
/// <param name="Target">Link-time address of what is called.</param>
/// <param name="FirstArgument">Its first argument; null where it is not known.</param>
public sealed record CallEffect(ulong Target, MachineExpression? FirstArgument);
