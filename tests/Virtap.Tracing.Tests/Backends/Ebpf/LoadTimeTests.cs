using System.Globalization;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Tests.Specs;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>
/// What the kernel does to verify scripts, those of the specs: each is loaded and not attached. What it goes through is the same on every
/// machine with this kernel, and is asserted; the time depends on what else the machine does, and is told.
/// </summary>
public class LoadTimeTests
{
    private const int Scripts = 300;

    // Of a million, at which the kernel gives up; some 0.1 s of a processor.
    private const long MostVerified = 200_000;

    private static readonly TimeSpan s_promised = TimeSpan.FromSeconds(0.2);

    private sealed record Load(Spec Spec, int Programs, long Verified, TimeSpan Time)
    {
        public override string ToString() =>
            $"{Time.TotalMilliseconds:f0} ms for {Verified} instructions verified in {Programs} programs ({Spec})";
    }

    [Fact]
    public void Scripts_are_soon_verified()
    {
        RealKernel.Require();
        Spec[] specs = [.. Spec.All.Where(static spec => spec.RunsOn(SpecMachine.Kernel))];
        Load[] loads = [.. specs.Where((_, n) => n * Scripts / specs.Length != (n + 1) * Scripts / specs.Length).Select(Measure)];

        Load[] byTime = [.. loads.OrderBy(static load => load.Time)];
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"figure: processor time to load each of {loads.Length} scripts: median {byTime[loads.Length / 2].Time.TotalMilliseconds:f1} "
                + $"ms, {loads.Count(static load => load.Time > s_promised)} over 0.2 s; the longest: {byTime[^1]}");
        Load most = loads.MaxBy(static load => load.Verified)!;
        Assert.True(most.Verified < MostVerified, most.ToString());
    }

    [Theory]
    [InlineData("one handler serves many system calls, and knows which was made", 20)]
    [InlineData("returns of many system calls have one handler", 3)]
    public void All_system_calls_are_a_few_programs(string spec, int most)
    {
        RealKernel.Require();
        Load load = Measure(Spec.All.Single(each => each.Name == spec));

        TestContext.Current.TestOutputHelper?.WriteLine($"figure: processor time to load {load}");
        Assert.True(load.Programs <= most && load.Verified < MostVerified, load.ToString());
    }

    private static Load Measure(Spec spec)
    {
        SpecOutcome outcome = SpecRun.Compile(spec, SpecMachine.Kernel);
        EbpfCode[] code = [.. Assert.IsType<CompiledScript>(outcome.Script).Code.OfType<EbpfCode>()];
        long verified = 0;
        var time = TimeSpan.Zero;
        foreach (EbpfCode each in code)
        {
            using var memory = SharedMemoryMap.Create(each.Maps[0]);
            using var ring = RingBufferReader.Create(each.Maps[1]);
            BpfMap[] others = [.. each.Maps.Skip(2).Select(BpfMap.Create)];
            foreach (ProgramSpec program in each.Programs)
            {
                TimeSpan start = ProcessorTime();
                using BpfProgram loaded = BpfProgram.Load(program, [memory.Map, ring.Map, .. others]);
                time += ProcessorTime() - start;
                verified += loaded.GetInfo().VerifiedInstructions;
            }

            foreach (BpfMap map in others)
                map.Dispose();
        }

        return new Load(spec, code.Sum(static each => each.Programs.Count), verified, time);
    }

    /// <summary>This thread's (proc(5): nanoseconds), nearly all of which the kernel's verifier takes here.</summary>
    private static TimeSpan ProcessorTime() => TimeSpan.FromMicroseconds(
        long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e3);
}
