using Virtap.Binaries.Types;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Tests.Probes;

/// <summary>The types of the kernel that runs the tests, held against what C's rules and the kernel's own promises say of them.</summary>
public class KernelTypesTests
{
    private static KernelTypes Types => KernelTypes.Current!;

    [Fact]
    public void A_trace_point_has_named_arguments_of_their_types()
    {
        Assert.Contains("sched_switch", Types.Tracepoints);
        IReadOnlyList<KernelArgument> arguments = Types.ArgumentsOf("sched_switch")!;
        Assert.Equal(["preempt", "prev", "next"], arguments.Take(3).Select(each => each.Name));
        Assert.Equal("struct task_struct *", arguments[1].Type.ToString());
        Assert.Null(Types.ArgumentsOf("no_such_trace_point"));
    }

    [Fact]
    public void A_structure_leads_back_to_itself()
    {
        var task = Assert.IsType<StructureType>(Types.Find("struct task_struct"));
        CType parent = task.Definition!.Find("real_parent")!.Type;
        Assert.Equal(task, Assert.IsType<PointerType>(parent.Underlying).Target.Underlying);
        Assert.True(task.Definition.Find("comm")!.Type is ArrayType { Count: 16, Element.Underlying: IntegerType { IsCharacter: true } });
    }

    [Fact]
    public void Members_of_anonymous_inner_structures_are_found_from_the_outer_one()
    {
        var page = Assert.IsType<StructureType>(Types.Find("page"));
        Assert.True(page.Definition!.Find("mapping")!.BitOffset > 0);
    }

    [Theory]
    [InlineData("unsigned int", 4, false)]
    [InlineData("u64", 8, false)]
    [InlineData("s32", 4, true)]
    public void Numbers_have_their_size_and_sign(string name, int size, bool isSigned) =>
        Assert.Equal((size, isSigned), Types.Find(name)!.Number);

    [Fact]
    public void What_the_kernel_does_not_have_is_null() => Assert.Null(Types.Find("struct no_such_structure"));
}
