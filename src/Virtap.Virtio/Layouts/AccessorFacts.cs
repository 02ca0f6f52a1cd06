using System.Numerics;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;

namespace Virtap.Virtio.Layouts;

/// <summary>What an accessor does (<see cref="FunctionEffects"/>) as far as it has a linear form.</summary>
internal sealed class AccessorFacts
{
    /// <summary>Values returned, that of the path which jumps least first.</summary>
    public List<LinearForm> Returns { get; } = [];

    /// <summary>Loads from memory, not from the stack.</summary>
    public List<LinearTerm.Load> Loads { get; } = [];

    /// <summary>Stores to memory, not to the stack. The value is null where it is of no linear form.</summary>
    public List<(LinearForm Address, int Size, LinearForm? Value)> Stores { get; } = [];

    /// <summary>First arguments of calls that are numbers.</summary>
    public List<long> CallArguments { get; } = [];

    /// <summary>Tests of one bit of memory: the byte's address and the bit's number, 0 to 7.</summary>
    public List<(LinearForm Byte, int Bit)> BitTests { get; } = [];

    /// <summary>Reads an accessor.</summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="start">Link-time address of its first byte.</param>
    /// <param name="code">Its bytes, or at least those of its beginning.</param>
    public static AccessorFacts Read(Architecture architecture, ulong start, ReadOnlySpan<byte> code)
    {
        FunctionEffects effects = FunctionReader.Read(architecture, start, code);
        AccessorFacts facts = new();
        facts.Returns.AddRange(effects.Returns.Select(LinearForm.Of).OfType<LinearForm>());
        foreach (LoadValue load in effects.Loads)
        {
            if (LinearForm.Of(load.Address) is { } address)
                facts.Loads.Add(new LinearTerm.Load(address, load.Size));
        }

        foreach (StoreEffect store in effects.Stores)
        {
            if (LinearForm.Of(store.Address) is { } address)
                facts.Stores.Add((address, store.Size, store.Value is null ? null : LinearForm.Of(store.Value)));
        }

        foreach (CallEffect call in effects.Calls)
        {
            if (call.FirstArgument is { } argument && LinearForm.Of(argument) is { IsConstant: true } number)
                facts.CallArguments.Add(number.Constant);
        }

        foreach (MachineExpression tested in effects.Tests)
            facts.AddBitTest(tested);
        return facts;
    }

    /// <summary>Notes <c>load &amp; 1 &lt;&lt; n</c>, and <c>load >> n &amp; 1</c>.</summary>
    private void AddBitTest(MachineExpression tested)
    {
        if (Unwidened(tested) is not BinaryValue { Operator: MachineOperator.And, Right: ConstantValue mask } and
            || !BitOperations.IsPow2((ulong)mask.Value))
            return;
        int bit = BitOperations.TrailingZeroCount(mask.Value);
        MachineExpression value = Unwidened(and.Left);
        if (value is BinaryValue { Operator: MachineOperator.ShiftRightLogical, Right: ConstantValue places } shift)
            (value, bit) = (Unwidened(shift.Left), bit + (int)places.Value);
        if (value is LoadValue load && bit < load.Size * 8 && LinearForm.Of(load.Address) is { } address)
            BitTests.Add((address.AddConstant(bit / 8), bit % 8));
    }

    private static MachineExpression Unwidened(MachineExpression value) => value is ExtendValue extend ? Unwidened(extend.Operand) : value;
}
