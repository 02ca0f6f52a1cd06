using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Dwarf;

public class DebugInfoTests
{
    public static TheoryData<DebugWay> Ways() => [.. Enum.GetValues<DebugWay>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_a_program_says_of_itself_is_found_however_it_was_made(DebugWay way)
    {
        using DebugProgram program = DebugProgram.Make(way);
        AssertStructure(program);
        AssertFunctions(program.Debug, way);
        DebugInfo debug = program.Debug;
        Assert.Equal(5, debug.FindConstant("GREEN"));
        Assert.Equal(-2, debug.FindConstant("BLUE"));
        Assert.Null(debug.FindConstant("PINK"));
        // Nothing writes it: a linker that sees the whole program leaves none of it.
        if (way != DebugWay.LinkTime)
            Assert.IsType<MemoryLocation>(debug.FindGlobal("counter")!.Location);
        Assert.IsType<MemoryLocation>(debug.FindGlobal("secret")!.Location);
        Assert.Equal("long", debug.FindGlobal("secret", "program.c")!.Type.ToString().Replace(" int", ""));
        Assert.Null(debug.FindGlobal("secret", "other.c"));
        Assert.Null(debug.FindGlobal("nothing of the kind"));
        Assert.Null(debug.FindType("struct nothing"));
        Assert.Equal("struct node **", debug.FindType("struct node **")!.ToString());
        Assert.Null(debug.FindType("struct hidden")?.Size);
    }

    private static void AssertStructure(DebugProgram program)
    {
        Dictionary<string, long> said = program.Run();
        var node = Assert.IsType<StructureType>(program.Debug.FindType("struct node"));
        Assert.Equal(said["size"], node.Size);
        Assert.Equal(program.Debug.FindType("node"), node);
        foreach ((string member, long offset) in said.Where(static each => each.Key != "size"))
            Assert.Equal((member, offset * 8), (member, node.Definition!.Find(member)!.BitOffset));
        StructureDefinition definition = node.Definition!;
        Assert.Equal((3, 7, 5), (definition.Find("bits")!.BitSize, definition.Find("more")!.BitSize, definition.Find("odd")!.BitSize));
        Assert.Equal(definition.Find("bits")!.BitOffset + 3, definition.Find("more")!.BitOffset);
        Assert.Equal(definition.Find("bits")!.BitOffset + 10, definition.Find("odd")!.BitOffset);
        Assert.Equal(new PointerType(node), definition.Find("next")!.Type);
        Assert.Equal("const char *", definition.Find("name")!.Type.ToString());
        Assert.Equal(("inner_t", 16), (definition.Find("in")!.Type.ToString(), definition.Find("in")!.Type.Size));
        Assert.Equal(24, definition.Find("grid")!.Type.Size);
        Assert.Equal("int (*)(struct node *, int)", definition.Find("call")!.Type.ToString());
        Assert.Equal((4, true), definition.Find("color")!.Type.Number);
        Assert.Equal((8, false), definition.Find("where")!.Type.Number);
    }

    private static void AssertFunctions(DebugInfo debug, DebugWay way)
    {
        DebugFunction work = debug.FindFunctions(new Glob("work")).Single(static function => function.HasCode);
        Assert.EndsWith("program.c", work.File);
        Assert.Equal(DebugProgram.Source.Split('\n').ToList().FindIndex(static line => line.Contains("int work(")) + 1, work.Line);
        ulong body = work.BodyAddress!.Value;
        IReadOnlyList<DebugVariable> variables = work.VariablesAt(body);
        Assert.Equal(["node", "n", "color"], variables.Where(static each => each.IsParameter).Select(static each => each.Name));
        foreach (DebugVariable parameter in variables.Where(static each => each.IsParameter))
            Assert.False(parameter.Location is NoLocation, $"{parameter.Name}: {parameter.Location}");
        Assert.Contains(variables, static each => each.Name == "local");
        Assert.Equal("int", work.Result.ToString());
        Assert.Equal("struct node *", variables[0].Type.ToString());
        Assert.Equal("work", Assert.Single(debug.FunctionsAt(body)).Name);
        Assert.EndsWith("program.c", debug.LineAt(body)!.File);
        Assert.True(way is DebugWay.Gcc4 or DebugWay.Gcc5 or DebugWay.Clang5 ? body > work.EntryAddress : body == work.EntryAddress);

        Assert.Contains("main", debug.FindFunctions(new Glob("*")).Select(static function => function.Name));
        // These fold it into its caller without a trace.
        if (way is DebugWay.LinkTime or > DebugWay.Clang5)
            return;

        DebugFunction twice = debug.FindFunctions(new Glob("tw*ce")).First(static function => !function.HasCode);
        DebugFunction place = Assert.Single(debug.InstancesOf(twice));
        Assert.Equal(("work", "twice"), (place.Outer.Name, place.Name));
        Assert.Equal("twice", debug.FunctionsAt(place.EntryAddress!.Value)[0].Name);
    }
}
