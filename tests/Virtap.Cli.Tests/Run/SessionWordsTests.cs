using Virtap.Bpf.Features;
using Virtap.Cli.Words;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;

namespace Virtap.Cli.Tests.Run;

public class SessionWordsTests
{
    [Fact]
    public void Every_warning_has_its_words()
    {
        Type[] kinds = [.. typeof(SessionWarning).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(SessionWarning)))];
        Assert.Equal(
            [typeof(BreakpointsWereLeft), typeof(DetachingGoesOn), typeof(FileWasReplaced), typeof(ProbeWasNotArmed),
                typeof(ProcessIsNotTraced), typeof(SiteWasRefused), typeof(TargetIsNowhere), typeof(TooManyWereSkipped)],
            kinds.OrderBy(kind => kind.Name));
        Assert.Equal(
            "ERROR: Skipped too many probes, check MAXSKIPPED or try again with stap -t for more details.",
            SessionWords.Line(new TooManyWereSkipped()));
        Assert.Equal("WARNING: there is no process 7, which -x names", SessionWords.Line(new TargetIsNowhere(7)));
        const string name = " another file of the name /bin/x, deleted since, in which nothing is probed: "
            + "process(7) in place of the program's path probes what it runs";
        Assert.Equal("process 7 runs" + name, SessionWords.Of(new FileWasReplaced("/bin/x", [7])));
        Assert.Equal("process 7 and 2 others run" + name, SessionWords.Of(new FileWasReplaced("/bin/x", [7, 8, 9])));
        Assert.StartsWith("the kernel has not taken all probes out", SessionWords.Of(new DetachingGoesOn()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_kernel_is_used_for_is_a_line_each()
    {
        var multi = new KernelFeature("uprobe_multi", Present: true, "6.6", "slower");
        var loop = new KernelFeature("bpf_loop", Present: false, "5.17", "shorter loops");
        Assert.Equal(
            ["one link for many places (uprobe_multi)", "no bpf_loop (kernel 5.17): shorter loops",
                "64 KB of memory shared with programs, a ring of 8 KB"],
            SessionWords.Of([new KernelUse(true, multi, [loop], 65536, 8192)]));
        Assert.StartsWith(
            "a perf event for each place; uprobe_multi: not for one process",
            SessionWords.Of([new KernelUse(false, multi, [], 65536, 8192)]).First(), StringComparison.Ordinal);
        Assert.Equal(
            ["no probes in programs: everything runs in this process, and the kernel is not needed"], SessionWords.Of([]));
    }
}
