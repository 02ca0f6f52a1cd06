namespace Virtap.Binaries.Machine.X64.Symbolic;

/// <summary>
/// Memory after some instructions: what a thread has at the probe site, and over it what was stored since. Immutable; a store makes a new one.
/// A load that may see one of those stores, or what a called function wrote, is not known: the memory at the site does not have it yet.
/// </summary>
/// <remarks>
/// What the code stores at the stack pointer is taken to be out of reach of other pointers: compilers spill registers and pass
/// arguments there. A frame pointer, in functions that have one, is the one other register that is not trusted with that.
/// </remarks>
internal sealed class SymbolicMemory
{
    private static readonly MachineExpression StackPointer = X64Registers.ValueOf(X64Registers.Rsp);
    private static readonly MachineExpression FramePointer = X64Registers.ValueOf(X64Registers.Rbp);

    private readonly IReadOnlySet<ulong> _constants;
    private readonly bool _hasFramePointer;
    private readonly Store? _last;
    private readonly string? _overwritten;

    private SymbolicMemory(IReadOnlySet<ulong> constants, bool hasFramePointer, Store? last, string? overwritten)
    {
        _constants = constants;
        _hasFramePointer = hasFramePointer;
        _last = last;
        _overwritten = overwritten;
    }

    /// <summary>The memory at the probe site.</summary>
    /// <param name="constants">Addresses of bytes in the image that are taken never to change, whatever is called.</param>
    /// <param name="hasFramePointer">Whether rbp points into the function's frame.</param>
    public static SymbolicMemory AtSite(IReadOnlySet<ulong> constants, bool hasFramePointer) => new(constants, hasFramePointer, null, null);

    /// <summary>The value of some bytes, widened by zeros.</summary>
    public SymbolicValue Load(SymbolicValue address, int size)
    {
        if (address.KnownBytes < 8)
            return SymbolicValue.Unknown(address.Reason);
        (MachineExpression basis, long offset) = MachineAlgebra.Split(address.Expression!);
        if (basis is ImageAddress && _constants.Contains((ulong)offset))
            return SymbolicValue.Of(new LoadValue(address.Expression!, size, SignExtend: false));
        for (Store? store = _last; store is not null; store = store.Before)
        {
            if (store.Base == basis)
            {
                if (offset >= store.Offset + store.Size || store.Offset >= offset + size)
                    continue;
                return offset >= store.Offset && offset + size <= store.Offset + store.Size
                    ? Part(store.Value, (int)(offset - store.Offset), size)
                    : SymbolicValue.Unknown("a part of it is stored after the trace point was decided");
            }

            if (!store.IsPrivate && MayAlias(store.Base, store.Offset, basis, offset))
                return SymbolicValue.Unknown("it is read from memory that may have been written after the trace point was decided");
        }

        return _overwritten is null
            ? SymbolicValue.Of(new LoadValue(address.Expression!, size, SignExtend: false))
            : SymbolicValue.Unknown(_overwritten);
    }

    /// <summary>The memory after a store.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="value">What, widened.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="isPrivate">Whether nothing else is known to lie there, whatever points to it.</param>
    public SymbolicMemory WithStore(SymbolicValue address, SymbolicValue value, int size, bool isPrivate = false)
    {
        if (address.KnownBytes < 8)
            return Overwritten("it is read from memory after a store to a place that is not known");
        (MachineExpression basis, long offset) = MachineAlgebra.Split(address.Expression!);
        return new SymbolicMemory(_constants, _hasFramePointer, new Store(basis, offset, size, value, isPrivate, _last), _overwritten);
    }

    /// <summary>The memory after anything may have been written, except to what was stored at the stack pointer before.</summary>
    public SymbolicMemory OverwrittenByCall(string reason) => new(_constants, _hasFramePointer, OnlyStack(_last), reason);

    /// <summary>The memory after anything may have been written anywhere.</summary>
    public SymbolicMemory Overwritten(string reason) => new(_constants, _hasFramePointer, null, reason);

    /// <summary>The memory where control may arrive with another one too: unless both are the same, nothing is known of it.</summary>
    public SymbolicMemory Join(SymbolicMemory other, string reason)
        => ReferenceEquals(this, other) || (_last is null && _overwritten is not null) ? this : Overwritten(reason);

    private static Store? OnlyStack(Store? store)
    {
        if (store is null)
            return null;
        Store? before = OnlyStack(store.Before);
        return store.Base == StackPointer ? store with { Before = before } : before;
    }

    private bool MayAlias(MachineExpression storeBase, long storeOffset, MachineExpression loadBase, long loadOffset)
    {
        if (storeBase == StackPointer)
            return _hasFramePointer && storeOffset >= 0 && loadBase == FramePointer;

        // The other way round: what lies below the stack pointer at the site is out of everybody's reach.
        return loadBase != StackPointer || loadOffset >= 0;
    }

    private static SymbolicValue Part(SymbolicValue value, int offset, int size) => offset == 0
        ? value.Low(size)
        : value.Apply(whole => MachineAlgebra.Extend(MachineAlgebra.ShiftRightLogical(whole, new ConstantValue(offset * 8)), size, signExtend: false));

    /// <summary>One store, and those before it.</summary>
    private sealed record Store(MachineExpression Base, long Offset, int Size, SymbolicValue Value, bool IsPrivate, Store? Before);
}
