namespace Virtap.Tracing.Tests.Specs;

/// <summary>The behaviours of the language, one by one: what each program prints, or why it is refused, is what its spec says.</summary>
public class SpecTests
{
    public static TheoryData<Spec> InProcess() => [.. Spec.All.Where(spec => spec.RunsOn(SpecMachine.Process))];

    public static TheoryData<Spec> InKernel() => [.. Spec.All.Where(spec => spec.RunsOn(SpecMachine.Kernel))];

    /// <summary>One of so many of those that both other machines run, as it is the evaluator that runs them here too.</summary>
    private const int Share = 5;

    /// <summary>What is otherwise where a thread is traced, and why.</summary>
    private static readonly Dictionary<string, string> s_otherwise = new()
    {
        ["who runs"] = "target() is the traced process",
        ["paths of files in a probe"] = "the traced process is in the target's set",
        ["what the kernel knows of the thread that was hit"] = "the state of the thread is that it is traced",
        ["the return of a system call"] = "the call is the one by which the target says that it is done: the session may have ended first",
    };

    /// <summary>What only a real target shows, and a share of the others.</summary>
    public static TheoryData<Spec> InTracer() =>
    [
        .. Spec.All.Where(spec => spec.RunsOn(SpecMachine.Kernel))
            .Where((spec, number) => spec.Machine == SpecMachine.Kernel || number % Share == 0),
    ];

    public static TheoryData<Spec> Refused() => [.. Spec.All.Where(spec => spec.Refusal is not null)];

    [Theory]
    [MemberData(nameof(InProcess))]
    public void In_this_process(Spec spec) => Check(spec, SpecMachine.Process);

    [Theory]
    [MemberData(nameof(InKernel))]
    public void In_the_kernel(Spec spec) => Check(spec, SpecMachine.Kernel);

    [Theory]
    [MemberData(nameof(InTracer))]
    public void In_a_stopped_thread(Spec spec)
    {
        if (s_otherwise.TryGetValue(spec.Name, out string? why))
            Assert.Skip(why);
        Check(spec, SpecMachine.Tracer);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Is_refused(Spec spec)
    {
        SpecOutcome outcome = SpecRun.Compile(spec, spec.Machine ?? SpecMachine.Kernel);
        Assert.True(outcome.Script is null, "it is not refused");
        AssertSays(spec.Refusal!, outcome.Messages);
    }

    private static void Check(Spec spec, SpecMachine machine)
    {
        SpecOutcome outcome = SpecRun.Run(spec, machine);
        string? reason = outcome.Messages.Split('\n')
            .FirstOrDefault(static line => line.Contains("--runtime=ptrace", StringComparison.Ordinal));
        if (machine == SpecMachine.Tracer && outcome.Script is null && reason is not null)
            Assert.Skip(reason);
        Assert.True(outcome.Script is not null, outcome.Messages);
        AssertSame("printed", spec.Output!, outcome.Output);
        AssertSame("told on standard error", spec.Errors, outcome.Errors);
        if (spec.Warnings is { } warnings)
            AssertSays(warnings, outcome.Messages);
    }

    private static void AssertSame(string what, string expected, string actual) =>
        Assert.True(expected == actual, $"{what}:\n{actual}\nbut was to be:\n{expected}");

    /// <summary>Each line that is asked for is part of a line that is there, in order.</summary>
    private static void AssertSays(string lines, string messages)
    {
        IEnumerable<string> rest = messages.Split('\n');
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            rest = [.. rest.SkipWhile(each => !each.Contains(line, StringComparison.Ordinal))];
            Assert.True(rest.Any(), $"it does not say: {line}\nbut:\n{messages}");
            rest = rest.Skip(1);
        }
    }
}
