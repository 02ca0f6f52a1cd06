using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Dwarf.Frames;

namespace Virtap.Binaries.Dwarf.Locations;

/// <summary>Says where the variables of a function are at an address of its code.</summary>
/// <param name="architecture">The processor, whose registers are meant.</param>
/// <param name="frames">Where frames begin.</param>
/// <param name="function">The function that has the code (not one that is inlined there); null for global variables.</param>
/// <param name="address">Link-time address of the code.</param>
/// <param name="values">What is known of the frame; null for nothing.</param>
internal sealed class LocationReader(
    Architecture architecture, CallFrames? frames, DwarfEntry? function, ulong address, IFrameValues? values = null)
{
    private const string OptimizedOut = "it is optimized out here";

    private DebugLocation? _frameBase;

    /// <summary>Where a variable is.</summary>
    /// <param name="variable">A variable or a parameter.</param>
    public DebugLocation Of(DwarfEntry variable)
    {
        if (variable.FindInherited(DwarfAttribute.Location) is { } location)
            return Of(variable, location);
        if (variable.FindInherited(DwarfAttribute.ConstValue) is not { } constant)
            return new NoLocation(variable.Root.Has(DwarfAttribute.Declaration) ? "it is defined elsewhere" : OptimizedOut);
        if (constant.IsBlock)
            return Literal(constant.Bytes);
        return constant.SignedConstant is long value ? new ValueLocation(MachineExpression.Constant(value)) : new NoLocation(OptimizedOut);
    }

    /// <summary>The canonical frame address; null where nothing says where it is.</summary>
    public MachineExpression? CanonicalFrame =>
        function is { } container && Cfa(container.Unit) is MemoryLocation memory ? memory.Address : null;

    /// <summary>Whether a variable's place depends on the address: compilers say so where they optimize.</summary>
    public static bool IsList(DwarfEntry variable) => variable.Find(DwarfAttribute.Location) is { IsSectionOffset: true };

    /// <summary>What an expression computes, as a value; where it is none, why.</summary>
    public DebugLocation ValueOf(DwarfValue expression) => Evaluate(expression.Bytes, expression.Unit) switch
    {
        MemoryLocation computed => new ValueLocation(computed.Address),
        var other => other,
    };

    private DebugLocation Of(DwarfEntry entry, DwarfValue location)
    {
        if (location.IsBlock)
            return location.Length == 0 ? new NoLocation(OptimizedOut) : Evaluate(location.Bytes, entry.Unit);
        if (!location.IsSectionOffset)
            return new NoLocation("its place is encoded in a way that is not known");
        ReadOnlySpan<byte> expression = LocationLists.Find(entry.Unit, location, address);
        return expression.IsEmpty ? new NoLocation(OptimizedOut) : Evaluate(expression, entry.Unit);
    }

    private DebugLocation Evaluate(ReadOnlySpan<byte> expression, DwarfUnit unit) =>
        new LocationMachine(architecture, unit, () => FrameBase, () => Cfa(unit), values).Run(expression);

    private DebugLocation FrameBase => _frameBase ??= function?.FindInherited(DwarfAttribute.FrameBase) is { } where
        ? Of(function.Value, where) : new NoLocation("its function's frame is not described");

    private DebugLocation Cfa(DwarfUnit unit)
    {
        if (frames?.CfaAt(address) is not { } rule)
            return new NoLocation("nothing says where its function's frame is");
        return rule.Register < 0
            ? new LocationMachine(architecture, unit, () => new NoLocation(OptimizedOut), () => new NoLocation(OptimizedOut))
                .Run(rule.Expression.Span)
            : new MemoryLocation(MachineAlgebra.Add(
                new RegisterValue(new MachineRegister(architecture, rule.Register)), MachineExpression.Constant(rule.Offset)));
    }

    private static DebugLocation Literal(ReadOnlySpan<byte> bytes) => bytes.Length <= sizeof(ulong)
        ? new ValueLocation(MachineExpression.Constant((long)new DwarfReader(bytes).Fixed(bytes.Length)))
        : new NoLocation("it is a constant that the program does not hold");
}
