using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;

namespace Virtap.Tracing.Probes;

/// <summary>Variables that debug information describes, as target variables of a place in the code.</summary>
internal static class DebugVariables
{
    private const int BitsOfByte = 8, BytesOfNumber = 8;

    /// <summary>How a variable is read.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="relative">Makes addresses of the image relative to the site.</param>
    public static TargetLookup Read(DebugVariable variable, Func<MachineExpression, MachineExpression> relative) => variable.Location switch
    {
        MemoryLocation memory => MachineSource.At(relative(memory.Address), variable.Type),
        ValueLocation value => OfValue(relative(value.Value), variable.Type),
        CompositeLocation pieces => OfPieces(pieces, variable.Type, relative),
        NoLocation none => new TargetLookup(null, none.Reason),
        _ => new TargetLookup(null, "its place is not known"),
    };

    /// <summary>What a function has returned: in the register for integers and pointers.</summary>
    public static TargetLookup OfResult(DebugFunction function, Architecture architecture)
    {
        const int rax = 0, x0 = 0;
        CType type = function.Result;
        switch (type.Underlying)
        {
            case VoidType:
                return TargetLookup.None($"function {function.Name} ({function.Unit}) has no return value");
            case FloatingType:
                return new TargetLookup(null, "it is returned in a register for floating-point numbers, which a probe cannot read");
            case StructureType:
                return new TargetLookup(null, "a structure that is returned by value is not supported yet");
        }

        return OfValue(new RegisterValue(new MachineRegister(architecture, architecture == Architecture.Arm64 ? x0 : rax)), type);
    }

    /// <summary>A value without an address: the low bytes of a register are what is of its type.</summary>
    public static TargetLookup OfValue(MachineExpression value, CType type, MemorySpace space = MemorySpace.Target)
    {
        if (type.Underlying is StructureType)
            return new TargetLookup(null, "a structure that lies in a register is not supported yet");
        if ((type.Number ?? (type.Underlying is FloatingType floating ? (floating.Bytes, false) : null)) is not ({ } size, { } isSigned))
            return new TargetLookup(null, $"a value of the type {type} is no number");
        return size switch
        {
            BytesOfNumber => new TargetLookup(new MachineSource(value, type) { Space = space }, null),
            1 or 2 or 4 => new TargetLookup(new MachineSource(Narrow(value, size, isSigned), type) { Space = space }, null),
            _ => new TargetLookup(null, $"a value of {size} bytes does not fit a number of scripts"),
        };
    }

    /// <summary>A cast is to a pointer: of a structure's name, to one of such.</summary>
    public static CType AsPointer(CType type) => type.Underlying is PointerType or IntegerType or EnumerationType or FloatingType
        ? type : new PointerType(type);

    private static MachineExpression Narrow(MachineExpression value, int size, bool isSigned)
    {
        if (value is not ConstantValue constant)
            return new ExtendValue(value, size, isSigned);
        int unused = BitsOfByte * (BytesOfNumber - size);
        return MachineExpression.Constant(
            isSigned ? constant.Value << unused >> unused : (long)((ulong)constant.Value << unused >> unused));
    }

    /// <summary>A number that lies in one piece; of a structure in pieces, scripts can ask for no member yet.</summary>
    private static TargetLookup OfPieces(CompositeLocation location, CType type, Func<MachineExpression, MachineExpression> relative) =>
        location.Pieces is [{ Location: var only, Bytes: var bytes }] && bytes >= type.Size
            ? Read(new DebugVariable("", type, IsParameter: false, only), relative)
            : new TargetLookup(null, "it lies in several pieces, which is not supported yet");
}
