namespace Virtap.Binaries.Code.Symbolic;

/// <summary>
/// Memory after some instructions: what a thread has at the probe site, and over it what was stored since. Immutable; a store makes a new
/// one.
/// A load that may see one of those stores, or what a called function wrote, is not known: the memory at the site does not have it yet.
/// </summary>
/// <remarks>
/// What the code stores at the stack pointer is taken to be out of reach of other pointers: compilers spill registers and pass
/// arguments there. A frame pointer, in functions that have one, is the one other register that is not trusted with that.
/// </remarks>
internal sealed class SymbolicMemory
{
    private static readonly HashSet<ulong> s_none = [];

    private static readonly SymbolicValue s_elsewhere = SymbolicValue.Unknown("it is read from memory outside of the image");

    private readonly View _view;
    private readonly SpilledAddresses _spilled = SpilledAddresses.None;
    private readonly Store? _last;
    private readonly string? _overwritten;

    private SymbolicMemory(View view, SpilledAddresses spilled)
    {
        _view = view;
        _spilled = spilled;
    }

    private SymbolicMemory(View view, Store? last, string? overwritten)
    {
        _view = view;
        _last = last;
        _overwritten = overwritten;
    }

    /// <summary>The memory at the probe site.</summary>
    /// <param name="convention">The processor's registers.</param>
    /// <param name="constants">Addresses of bytes in the image that are taken never to change, whatever is called.</param>
    /// <param name="hasFramePointer">Whether the frame pointer points into the function's frame.</param>
    /// <param name="linkage">The words of the image that have addresses; null if those do not matter.</param>
    public static SymbolicMemory AtSite(
        CallingConvention convention, IReadOnlySet<ulong> constants, bool hasFramePointer, GlobalOffsetTable? linkage) => new(
        new View(
            Loads.AtSite, convention.ValueOf(convention.StackPointer), hasFramePointer
                ? convention.ValueOf(convention.FramePointer) : null, constants, linkage),
        null, null);

    /// <summary>
    /// Memory in which a load outside the function's own frame names a place, whatever was stored there; the frame's words change by the
    /// function's own stores alone.
    /// </summary>
    /// <param name="convention">The processor's registers.</param>
    public static SymbolicMemory OfNames(CallingConvention convention)
        => new(new View(Loads.NameMemory, convention.ValueOf(convention.StackPointer), null, s_none, null), null, null);

    /// <summary>
    /// Memory of which only the image's variables are told, by name, and addresses of the image that are kept in the frame; what else is
    /// stored is forgotten at once.
    /// </summary>
    /// <param name="convention">The processor's registers.</param>
    /// <param name="linkage">The words of the image that have addresses.</param>
    public static SymbolicMemory OfImage(CallingConvention convention, GlobalOffsetTable linkage)
        => new(new View(Loads.NameVariables, convention.ValueOf(convention.StackPointer), null, s_none, linkage), SpilledAddresses.None);

    /// <summary>The addresses of the image that are known to be kept in the frame.</summary>
    public ReadOnlySpan<(long Offset, ulong Address)> Spilled => _spilled.Words;

    /// <summary>Whether an address is the stack pointer, as it was in the beginning, and a constant.</summary>
    public bool IsOnStack(MachineExpression address) => MachineAlgebra.Split(address).Base == _view.StackPointer;

    /// <summary>The value of some bytes, widened by zeros.</summary>
    public SymbolicValue Load(SymbolicValue address, int size)
    {
        if (address.KnownBytes < 8)
            return SymbolicValue.Unknown(address.Reason);
        (MachineExpression basis, long offset) = MachineAlgebra.Split(address.Expression!);
        if (size == sizeof(ulong) && basis is ImageAddress && _view.Linkage?.AddressIn((ulong)offset) is { } linked)
            return SymbolicValue.Of(new ImageAddress(linked));
        bool isName = _view.Loads switch
        {
            Loads.AtSite => basis is ImageAddress && _view.Constants.Contains((ulong)offset),
            Loads.NameMemory => basis != _view.StackPointer,
            _ => basis is ImageAddress,
        };
        if (isName)
            return SymbolicValue.Of(new LoadValue(address.Expression!, size, SignExtend: false));
        if (_view.Loads == Loads.NameVariables)
        {
            return size == sizeof(ulong) && basis == _view.StackPointer && _spilled.AddressAt(offset) is { } spilled
                ? SymbolicValue.Of(new ImageAddress(spilled)) : s_elsewhere;
        }

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
        if (_view.Loads == Loads.NameVariables)
            return WithSpill(address, value, size);
        if (address.KnownBytes < 8)
            return Overwritten("it is read from memory after a store to a place that is not known");
        (MachineExpression basis, long offset) = MachineAlgebra.Split(address.Expression!);
        return new SymbolicMemory(_view, new Store(basis, offset, size, value, isPrivate, _last), _overwritten);
    }

    private SymbolicMemory WithSpill(SymbolicValue address, SymbolicValue value, int size)
    {
        if (address.KnownBytes < 8)
            return this;
        (MachineExpression basis, long offset) = MachineAlgebra.Split(address.Expression!);
        if (basis != _view.StackPointer)
            return this;
        SpilledAddresses after = _spilled.WithStore(offset, size, (value.Expression as ImageAddress)?.Address);
        return ReferenceEquals(after, _spilled) ? this : new SymbolicMemory(_view, after);
    }

    /// <summary>The memory after anything may have been written, except to what was stored at the stack pointer before.</summary>
    public SymbolicMemory OverwrittenByCall(string reason) => _view.Loads == Loads.AtSite ? new(_view, OnlyStack(_last), reason) : this;

    /// <summary>The memory after anything may have been written anywhere.</summary>
    public SymbolicMemory Overwritten(string reason) => _view.Loads == Loads.AtSite ? new(_view, null, reason) : this;

    /// <summary>The memory where control may arrive with another one too: unless both are the same, nothing is known of it.</summary>
    public SymbolicMemory Join(SymbolicMemory other, string reason)
    {
        if (ReferenceEquals(this, other) || (_last is null && _overwritten is not null))
            return this;
        if (_view.Loads != Loads.NameVariables)
            return Overwritten(reason);
        SpilledAddresses met = _spilled.Meet(other._spilled);
        return ReferenceEquals(met, _spilled) ? this : new SymbolicMemory(_view, met);
    }

    private Store? OnlyStack(Store? store)
    {
        if (store is null)
            return null;
        Store? before = OnlyStack(store.Before);
        return store.Base == _view.StackPointer ? store with { Before = before } : before;
    }

    private bool MayAlias(MachineExpression storeBase, long storeOffset, MachineExpression loadBase, long loadOffset)
    {
        if (storeBase == _view.StackPointer)
            return storeOffset >= 0 && loadBase == _view.FramePointer;

        // The other way round: what lies below the stack pointer at the site is out of everybody's reach.
        return loadBase != _view.StackPointer || loadOffset >= 0;
    }

    private static SymbolicValue Part(SymbolicValue value, int offset, int size) => offset == 0
        ? value.Low(size)
        : value.Apply(
            whole =>
            MachineAlgebra.Extend(MachineAlgebra.ShiftRightLogical(whole, new ConstantValue(offset * 8)), size, signExtend: false));

    /// <summary>What stays as it is from store to store.</summary>
    /// <param name="Loads">What a load means.</param>
    /// <param name="StackPointer">The stack pointer's value in the beginning.</param>
    /// <param name="FramePointer">The frame pointer's, if it points into the frame.</param>
    /// <param name="Constants">Addresses of bytes in the image that never change.</param>
    /// <param name="Linkage">The words of the image that have addresses.</param>
    private sealed record View(
        Loads Loads, MachineExpression StackPointer, MachineExpression? FramePointer,
        IReadOnlySet<ulong> Constants, GlobalOffsetTable? Linkage);

    /// <summary>What a load means.</summary>
    private enum Loads
    {
        /// <summary>A value that the memory at the site has.</summary>
        AtSite,

        /// <summary>A place outside of the frame.</summary>
        NameMemory,

        /// <summary>A variable of the image.</summary>
        NameVariables,
    }

    /// <summary>One store, and those before it.</summary>
    private sealed record Store(MachineExpression Base, long Offset, int Size, SymbolicValue Value, bool IsPrivate, Store? Before);
}
