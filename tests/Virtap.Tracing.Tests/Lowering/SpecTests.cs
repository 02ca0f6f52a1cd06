using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>Scripts of the whole language, run by both machines: what they print is what the specs expect.</summary>
public class SpecTests
{
    public static TheoryData<Spec> Specs() => [.. Spec.All()];

    public static TheoryData<Spec> KernelSpecs() => [.. Spec.All().Where(spec => !spec.OnlyEvaluator)];

    [Theory]
    [MemberData(nameof(Specs))]
    public void In_this_process(Spec spec) => Compare(spec, ScriptRun.Evaluate(Program(spec)));

    [Theory]
    [MemberData(nameof(KernelSpecs))]
    public void In_the_kernel(Spec spec) => Compare(spec, ScriptRun.Trace(Program(spec)));

    private static LoweredProgram Program(Spec spec) => Scripts.Lower(spec.Script, Scripts.Options with
    {
        MaxActions = spec.Limit("MAXACTION", Scripts.Options.MaxActions),
        MaxStringLength = spec.Limit("MAXSTRINGLEN", Scripts.Options.MaxStringLength),
        MaxMapEntries = spec.Limit("MAXMAPENTRIES", Scripts.Options.MaxMapEntries),
    });

    private static void Compare(Spec spec, (string Output, string Errors) actual)
    {
        Assert.Equal(spec.Expected, actual.Output);
        Assert.Equal(spec.Errors, actual.Errors);
    }
}
