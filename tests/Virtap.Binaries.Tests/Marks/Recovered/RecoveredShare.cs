using System.Diagnostics;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Recovered;

namespace Virtap.Binaries.Tests.Marks.Recovered;

/// <summary>How much of a QEMU's trace events is recovered: nearly all that its code uses, with nearly all of their arguments.</summary>
internal static class RecoveredShare
{
    private const string NotUsed = "this QEMU's code does not use the event";

    /// <summary>Recovers all marks, prints the figures, and fails where there are too few.</summary>
    /// <param name="marks">The QEMU's.</param>
    /// <param name="name">What to call it in the figures.</param>
    /// <param name="output">Takes them.</param>
    public static IReadOnlyList<Mark> Measure(RecoveredMarks marks, string name, ITestOutputHelper output)
    {
        var clock = Stopwatch.StartNew();
        IReadOnlyList<Mark> all = marks.All();
        clock.Stop();
        int used = marks.Names.Count(each => marks.WhyMissing(each) != NotUsed);
        List<MarkArgument> arguments = ArgumentsOf(all);
        int readable = arguments.Count(argument => argument.Value is not null);
        double recoveredShare = 100.0 * all.Count / used, readableShare = 100.0 * readable / arguments.Count;
        output.WriteLine(
            $"figure: {name}: {all.Count} of {used} trace events that the code uses are recovered ({recoveredShare:f1} %), at "
                + $"{all.Sum(mark => mark.Sites.Count)} sites");
        output.WriteLine(
            $"figure: {name}: {readable} of {arguments.Count} arguments of recovered marks are readable ({readableShare:f1} %)");
        output.WriteLine($"figure: {name}: all marks recovered in {clock.ElapsedMilliseconds} ms (compiled as it ran)");
        Assert.True(used > 1000, "This QEMU uses few trace events; is it stripped of them?");
        Assert.True(recoveredShare >= 95, "Less than 95 % of the events are recovered.");
        Assert.True(readableShare >= 90, "Less than 90 % of the arguments are readable.");
        return all;
    }

    /// <summary>The arguments at all sites.</summary>
    public static List<MarkArgument> ArgumentsOf(IReadOnlyList<Mark> marks) =>
        [.. marks.SelectMany(mark => mark.Sites).SelectMany(site => site.Arguments)];
}
