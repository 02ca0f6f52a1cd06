using Virtap.Binaries.Types;

namespace Virtap.Binaries.Tests.Types;

public class CTypeTests
{
    [Theory]
    [InlineData("int", 4L, true)]
    [InlineData("unsigned", 4L, false)]
    [InlineData("unsigned int", 4L, false)]
    [InlineData("long long int", 8L, true)]
    [InlineData("short", 2L, true)]
    [InlineData("unsigned char", 1L, false)]
    [InlineData("bool", 1L, false)]
    [InlineData("uint16_t", 2L, false)]
    [InlineData("ssize_t", 8L, true)]
    [InlineData("const uint8_t", 1L, false)]
    [InlineData("void *", 8L, false)]
    [InlineData("const char *", 8L, false)]
    [InlineData("struct x **", 8L, false)]
    [InlineData("char *const", 8L, false)]
    [InlineData("enum state", null, null)]
    [InlineData("double", 8L, null)]
    [InlineData("long double", 16L, null)]
    [InlineData("void", null, null)]
    [InlineData("union u", null, null)]
    [InlineData("BlockBackend", null, null)]
    public void Names_of_types_are_read_and_written(string name, long? size, bool? isSigned)
    {
        CType type = CTypeName.Parse(name);
        Assert.Equal(name, type.ToString());
        Assert.Equal((size, isSigned), (type.Size, type.Number?.IsSigned));
        Assert.Equal(CTypeName.Parse(name), type);
    }

    [Theory]
    [InlineData("char const*", "const char *")]
    [InlineData("  unsigned   long  int ", "unsigned long int")]
    [InlineData("void  *  *", "void **")]
    [InlineData("*", " *")]
    [InlineData("", "")]
    public void Names_in_other_styles_and_broken_ones_are_no_trouble(string name, string written) =>
        Assert.Equal(written, CTypeName.Parse(name).ToString());

    [Fact]
    public void Own_typedefs_of_a_program_are_known_where_it_says_them()
    {
        Assert.Null(CTypeName.Parse("hwaddr").Number);
        Assert.Equal(
            (8, false),
            CTypeName.Parse("hwaddr", name => name == "hwaddr" ? new IntegerType("uint64_t", 8, IsSigned: false) : null).Number);
    }

    [Fact]
    public void A_member_is_found_in_anonymous_inner_structures_too_and_types_may_lead_back_to_themselves()
    {
        StructureType? node = null;
        var inner = new StructureDefinition(
            8, () => [new("low", CTypeName.Parse("uint32_t"), 0), new("high", CTypeName.Parse("uint32_t"), 32)]);
        node = new StructureType(IsUnion: false, "node", new StructureDefinition(24, () =>
        [
            new("next", new PointerType(node!), 0),
            new(null, new StructureType(IsUnion: false, null, inner), 64),
            new("flag", CTypeName.Parse("unsigned int"), 131, BitSize: 2),
        ]));
        Assert.Equal(24, node.Size);
        Assert.Equal("struct node", node.ToString());
        Assert.Equal(96, node.Definition!.Find("high")!.BitOffset);
        Assert.Equal(2, node.Definition.Find("flag")!.BitSize);
        Assert.Null(node.Definition.Find("none"));
        Assert.Equal(new PointerType(node), node.Definition.Find("next")!.Type);
        Assert.NotEqual(new StructureType(IsUnion: false, "node"), node);
        Assert.Equal(40, new ArrayType(CTypeName.Parse("void *"), 5).Size);
        Assert.Equal("char [16]", new ArrayType(CTypeName.Parse("char"), 16).ToString());
    }

    [Theory]
    [InlineData("int", 4, true)]
    [InlineData("unsigned", 4, false)]
    [InlineData("unsigned int", 4, false)]
    [InlineData("const int", 4, true)]
    [InlineData("unsigned long long", 8, false)]
    [InlineData("long", 8, true)]
    [InlineData("unsigned char", 1, false)]
    [InlineData("char", 1, true)]
    [InlineData("unsigned short", 2, false)]
    [InlineData("bool", 1, false)]
    [InlineData("const uint8_t", 1, false)]
    [InlineData("int16_t", 2, true)]
    [InlineData("ssize_t", 8, true)]
    [InlineData("size_t", 8, false)]
    [InlineData("const char *", 8, false)]
    [InlineData("const char*", 8, false)]
    public void C_types_have_the_size_and_sign_of_64_bit_Linux(string type, int size, bool isSigned)
        => Assert.Equal((size, isSigned), CTypeName.Parse(type).Number);

    [Theory]
    [InlineData("enum colour")]
    [InlineData("double")]
    [InlineData("")]
    public void Other_types_are_not_guessed(string type) => Assert.Null(CTypeName.Parse(type).Number);
}
