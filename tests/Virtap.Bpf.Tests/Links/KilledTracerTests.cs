using System.Diagnostics;
using Virtap.Bpf.Tests.Support;

namespace Virtap.Bpf.Tests.Links;

/// <summary>
/// A tracer of 20,000 places that is killed at some moment. On the quiet machine the kernel puts the breakpoints in for some
/// 30 ms and takes them out for as long; a kill in one of these spans left most of them in the program.
/// </summary>
public class KilledTracerTests
{
    [Theory]
    [InlineData("attaching")]
    [InlineData("detaching")]
    [InlineData("letting go")]
    public void A_kill_at_any_moment_leaves_no_breakpoint(string what)
    {
        RealKernel.Require();
        using Target target = Target.Start(1, 1);
        for (int delay = 0; delay < 50; delay += 4)
        {
            using Process tracer = Tracer.Start(target, what);
            Thread.Sleep(delay);
            tracer.Kill();
            tracer.WaitForExit();
            // The task that attaches outlives the tracer and shares its descriptors: at the end of this text it has done its call.
            tracer.StandardOutput.ReadToEnd();
            long deadline = Stopwatch.GetTimestamp() + (10 * Stopwatch.Frequency);
            while (target.CountBreakpointsInSled() > 0 && Stopwatch.GetTimestamp() < deadline)
                Thread.Sleep(5); // the kernel has workers take them out
            Assert.Equal(0, target.CountBreakpointsInSled());
        }
    }
}
