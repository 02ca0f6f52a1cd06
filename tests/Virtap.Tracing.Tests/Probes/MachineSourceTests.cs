using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Tests.Probes;

public class MachineSourceTests
{
    private static readonly MachineExpression s_register = new RegisterValue(new MachineRegister(Architecture.X64, 5));

    private static readonly StructureType s_structure = new(IsUnion: false, "queue", new StructureDefinition(64, () =>
    [
        new("count", CTypeName.Parse("int16_t"), 0),
        new("name", new ArrayType(CTypeName.Parse("char"), 16), 8 * 8),
        new(
            "inner",
            new StructureType(IsUnion: false, "inner", new StructureDefinition(8, () => [new("size", CTypeName.Parse("uint64_t"), 0)])),
            24 * 8),
        new("ready", CTypeName.Parse("unsigned int"), (32 * 8) + 3, BitSize: 2),
        new("level", CTypeName.Parse("int"), (32 * 8) + 5, BitSize: 9),
        new("ratio", CTypeName.Parse("double"), 40 * 8),
    ]));

    [Theory]
    [InlineData("int", TargetValueKind.Signed)]
    [InlineData("uint8_t", TargetValueKind.Character)]
    [InlineData("uint16_t", TargetValueKind.Unsigned)]
    [InlineData("bool", TargetValueKind.Unsigned)]
    [InlineData("const char", TargetValueKind.Character)]
    [InlineData("enum e", TargetValueKind.Signed)]
    [InlineData("const char *", TargetValueKind.Text)]
    [InlineData("char **", TargetValueKind.Pointer)]
    [InlineData("unsigned char *", TargetValueKind.Text)]
    [InlineData("double", TargetValueKind.Bits)]
    [InlineData("struct s *", TargetValueKind.StructurePointer)]
    [InlineData("struct s", TargetValueKind.Other)]
    [InlineData("Unheard", TargetValueKind.Other)]
    public void A_type_says_how_its_values_are_printed(string type, TargetValueKind kind) =>
        Assert.Equal(kind, new MachineSource(s_register, CTypeName.Parse(type)).Kind);

    [Fact]
    public void An_integer_of_which_only_the_size_is_known_is_printed_as_scripts_print_it() =>
        Assert.Equal(TargetValueKind.Other, new MachineSource(s_register, new IntegerType(null, 4, IsSigned: true)).Kind);

    [Fact]
    public void Members_are_reached_through_a_pointer_and_in_a_structure()
    {
        var pointer = new MachineSource(s_register, new PointerType(new QualifiedType("const", s_structure)));
        Assert.Equal(new LoadValue(s_register, 2, SignExtend: true), Member(pointer, "count").Value);
        Assert.Equal((Plus(8), TargetValueKind.TextArray), (Member(pointer, "name").Value, Member(pointer, "name").Kind));
        Assert.Equal(new LoadValue(Plus(24), 8, SignExtend: false), Member(Member(pointer, "inner"), "size").Value);
        Assert.StartsWith("unable to find member 'none' for struct queue (alternatives: ", pointer.Member("none").Missing);
        Assert.Equal(new LoadValue(Plus(40), 8, SignExtend: false), Member(pointer, "ratio").Value);
        Assert.Equal(
            "invalid access '->count' vs 'void*'", new MachineSource(s_register, CTypeName.Parse("void *")).Member("count").Missing);
        Assert.Equal(TargetLookup.Unknown, new MachineSource(s_register, CTypeName.Parse("struct queue *")).Member("count"));
        Assert.Equal(TargetLookup.Unknown, new MachineSource(s_register, null).Member("count"));
    }

    [Fact]
    public void A_bit_field_is_loaded_and_shifted()
    {
        var pointer = new MachineSource(s_register, new PointerType(s_structure));
        Assert.Equal(
            Bits(new LoadValue(Plus(32), 1, SignExtend: false), 59, MachineOperator.ShiftRightLogical, 62),
            Member(pointer, "ready").Value);
        Assert.Equal(
            Bits(new LoadValue(Plus(32), 2, SignExtend: false), 50, MachineOperator.ShiftRightArithmetic, 55),
            Member(pointer, "level").Value);
    }

    private static BinaryValue Plus(long bytes) => new(MachineOperator.Add, s_register, MachineExpression.Constant(bytes));

    private static BinaryValue Bits(MachineExpression load, int left, MachineOperator back, int right) =>
        new(back, new BinaryValue(MachineOperator.ShiftLeft, load, MachineExpression.Constant(left)), MachineExpression.Constant(right));

    private static MachineSource Member(MachineSource source, string name) => Assert.IsType<MachineSource>(source.Member(name).Source);
}
