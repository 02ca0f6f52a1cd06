using System.Globalization;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>What other tracers leave in a process is noticed and can be taken out.</summary>
public class LeftoverTests
{
    private static readonly Lazy<Task<string>> Compiled = new(CompileAsync);

    [Fact]
    public async Task A_session_tells_what_an_earlier_tracer_left_and_doctor_takes_it_out()
    {
        using var target = await LeakAsync("f1", "f2", "f3");
        var pid = target.Id.ToString(CultureInfo.InvariantCulture);
        Assert.NotNull(target.Damage());

        var probe = $"probe process(\"{target.Executable}\").function(\"f2\") {{ println(pid()) }} probe timer.ms(100) {{ exit() }}";
        var run = await VirtapProcess.RunAsync("run", "-e", probe);
        Assert.Equal(0, run.Status);
        Assert.Equal(
            $"WARNING: an earlier tracer has left a breakpoint in process many ({pid}), in {target.Executable}: "
            + $"virtap doctor --mend {pid} takes out all that it left\n",
            run.Error);

        // The session's own end has taken that one out; the others are left.
        var mended = await VirtapProcess.RunAsync("doctor", "--mend", pid);
        Assert.Equal((0, $"process many ({pid}): 2 breakpoints taken out\n"), (mended.Status, mended.Output));
        Assert.Null(target.Damage());

        Assert.Equal("", (await VirtapProcess.RunAsync("run", "-e", probe)).Error);
        mended = await VirtapProcess.RunAsync("doctor", "--mend", pid);
        Assert.Equal(
            (0, $"process many ({pid}): its code is as its files have it; nothing to mend\n"), (mended.Status, mended.Output));
    }

    [Fact]
    public async Task What_a_tracer_at_work_probes_is_not_left_and_stays()
    {
        await Requirements.AttachingAsync();
        using var target = await ManyMarks.StartAsync();
        var pid = target.Id.ToString(CultureInfo.InvariantCulture);
        var probe = $"global n probe process(\"{target.Executable}\").mark(\"m*\") {{ n++ }}";
        await using var atWork = await VirtapProcess.AttachAsync("-e", probe);

        var second = await VirtapProcess.RunAsync("run", "-e", probe + " probe timer.ms(100) { exit() }");
        Assert.Equal("", second.Error);
        var mended = await VirtapProcess.RunAsync("doctor", "--mend", pid);
        Assert.Equal(
            (0, $"process many ({pid}): 0 breakpoints taken out\n3000 breakpoints of tracers that are at work now stay\n"),
            (mended.Status, mended.Output));

        Assert.Equal(0, (await atWork.InterruptAsync()).Status);
        Assert.Null(target.Damage());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_tracers_at_one_place_leave_nothing_whichever_comes_first(bool kernelIsFirst)
    {
        await Requirements.AttachingAsync();
        using var target = await ManyMarks.StartAsync();
        string script = $"global n probe process({target.Id}).mark(\"m7\") {{ n++ }} probe end {{ println(n) }}";
        string[] words = ["-x", $"{target.Id}", "-e", script];
        string[] kernel = words, ptrace = ["--runtime=ptrace", .. words];

        // Who came first ends first: the other one must not put back what that one had put there.
        await using VirtapProcess first = await VirtapProcess.AttachAsync(kernelIsFirst ? kernel : ptrace);
        await using VirtapProcess second = await VirtapProcess.AttachAsync(kernelIsFirst ? ptrace : kernel);
        CommandResult[] ends = [await first.InterruptAsync(), await second.InterruptAsync()];

        Assert.All(ends, static end => Assert.Equal(0, end.Status));
        string told = kernelIsFirst ? "another tracer's probe is there" : $"debugs process many ({target.Id})";
        Assert.Contains(told, ends[1].Error, StringComparison.Ordinal);
        Assert.Null(target.Damage());
        Assert.True(target.IsAlive);
    }

    [Fact]
    public async Task There_must_be_such_a_process()
    {
        await Requirements.InspectingAsync();
        var mended = await VirtapProcess.RunAsync("doctor", "--mend", "4194305");
        Assert.Equal((1, "error: there is no process 4194305\n"), (mended.Status, mended.Error));
    }

    /// <summary>A program with breakpoints that nobody owns, left by the kernel itself.</summary>
    private static async Task<ManyMarks> LeakAsync(params string[] functions)
    {
        await Requirements.AttachingAsync();
        Requirements.Program("gcc");
        var target = await ManyMarks.StartAsync();
        var offsets = new List<string>();
        foreach (var function in functions)
            offsets.Add($"0x{await target.OffsetOfAsync(function):x}");
        var leak = await Command.RunAsync(
            await Compiled.Value, [target.Id.ToString(CultureInfo.InvariantCulture), target.Executable, "0", .. offsets]);
        Assert.SkipWhen(leak.Status == 2, "this kernel has no links for many places");
        Assert.SkipWhen(leak.Status == 1, "the kernel took the breakpoints out in each of a hundred tries: there is nothing left to find");
        Assert.Equal(0, leak.Status);
        return target;
    }

    private static async Task<string> CompileAsync()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, "leak");
        var result = await Command.RunAsync(
            "gcc", ["-O2", "-Wall", "-Werror", "-o", executable, Path.Combine(AppContext.BaseDirectory, "Targets", "leak.c")]);
        return result.Status == 0 ? executable : throw new InvalidOperationException(result.Error);
    }
}
