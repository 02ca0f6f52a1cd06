using System.Diagnostics;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Probes;

public sealed class ProbeResolverTests : IDisposable
{
    private readonly ProbeResolver _resolver = new(new ProbeOptions());

    private ProbeResolution Resolve(string point) => _resolver.Resolve(Point.Of(point));

    private T One<T>(string point)
        where T : ProbeTarget
    {
        ProbeResolution resolution = Resolve(point);
        Assert.Null(resolution.Problem);
        return Assert.IsType<T>(Assert.Single(resolution.Targets));
    }

    public void Dispose() => _resolver.Dispose();

    [Theory]
    [InlineData("begin", LifecycleEvent.Begin, 0)]
    [InlineData("begin(-5)", LifecycleEvent.Begin, -5)]
    [InlineData("end(7)", LifecycleEvent.End, 7)]
    [InlineData("error", LifecycleEvent.Error, 0)]
    [InlineData("never", LifecycleEvent.Never, 0)]
    public void Begin_end_and_error_have_an_order(string point, LifecycleEvent @event, long order)
    {
        LifecycleTarget target = One<LifecycleTarget>(point);
        Assert.Equal((point, @event, order), (target.Point, target.Event, target.Order));
    }

    [Theory]
    [InlineData("timer.s(2)", 2_000_000_000, 0)]
    [InlineData("timer.sec(1)", 1_000_000_000, 0)]
    [InlineData("timer.ms(5).randomize(3)", 5_000_000, 3_000_000)]
    [InlineData("timer.usec(100)", 100_000, 0)]
    [InlineData("timer.ns(100000)", 100_000, 0)]
    [InlineData("timer.hz(1000)", 1_000_000, 0)]
    public void Timers_have_an_interval_in_nanoseconds(string point, long interval, long randomization)
    {
        TimerTarget target = One<TimerTarget>(point);
        Assert.Equal((point, interval, randomization), (target.Point, target.Interval, target.Randomization));
    }

    [Theory]
    [InlineData("timer.s(0)", "interval value out of range (1, 86400)")]
    [InlineData("timer.ms(86400001)", "interval value out of range (1, 86400000)")]
    [InlineData("timer.us(99)", "interval value out of range (100, 86400000000)")]
    [InlineData("timer.ns(99999)", "interval value out of range (100000, 86400000000000)")]
    [InlineData("timer.ms(9223372036854775807)", "interval value out of range (1, 86400000)")]
    [InlineData("timer.jiffies(0)", "invalid interval for jiffies timer")]
    [InlineData("timer.hz(0)", "frequency must be greater than 0")]
    [InlineData("timer.hz(5000000)", "interval value out of range (100000, 86400000000000)")]
    [InlineData("timer.ms(5).randomize(6)", "randomization value out of range")]
    [InlineData("timer.ms(5).randomize(-1)", "randomization value out of range")]
    public void Timers_keep_to_the_limits_of_SystemTap(string point, string problem) => Assert.Equal(problem, Resolve(point).Problem);

    [Fact]
    public void Wildcards_stand_for_names_of_components()
    {
        Assert.Equal(
            ["timer.s(500)", "timer.sec(500)", "timer.ms(500)", "timer.msec(500)", "timer.us(500)", "timer.usec(500)", "timer.hz(500)",
                "timer.jiffies(500)"],
            Resolve("timer.*(500)").Targets.Select(t => t.Point));
        Assert.Equal(
            ["begin", "end", "error", "never"], Resolve("**").Targets.Select(t => t.Point)
            .Where(p => !p.Contains('.', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("timer.s", "probe point mismatch (similar: s, ", "'s' is written s(number)")]
    [InlineData("process(\"/bin/sh\").mrk(\"x\")", "probe point mismatch (similar: mark, ", null)]
    [InlineData("begin(\"x\")", "probe point mismatch (similar: begin, ", "'begin' is written begin or begin(number)")]
    [InlineData("tim*r.ms(5).random(3)", "invalid suffix for probe", "there is randomize(number)", "t.stp:1:13")]
    [InlineData("process(\"/bin/sh\").ma*r(\"x\")", "probe point mismatch: didn't find any wildcard matches (similar: mark, ", null)]
    [InlineData("timer", "probe point truncated (follow:  hz(number) jiffies(number) ms(number) ", null)]
    public void A_probe_point_that_there_is_not_names_the_nearest(string point, string problem, string? hint, string? place = null)
    {
        ProbeResolution resolution = Resolve(point);
        Assert.StartsWith(problem, resolution.Problem, StringComparison.Ordinal);
        Assert.Equal(hint, resolution.Hint);
        Assert.False(resolution.IsRefusal);
        if (place is not null)
            Assert.Equal(place, resolution.Span?.ToString());
    }

    [Theory]
    [InlineData("kernel.function(\"x\").call")]
    [InlineData("kernel.data(\"jiffies\").write")]
    [InlineData("process.insn")]
    public void What_Virtap_cannot_do_is_refused_with_a_reason(string point)
    {
        ProbeResolution resolution = Resolve(point);
        Assert.True(resolution.IsRefusal);
        Assert.Contains("not supported", resolution.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_has_its_sites_arguments_and_function()
    {
        MarkTarget target = One<MarkTarget>($"process(\"{MarkedProgram.Path}\").provider(\"demo\").mark(\"step\")");
        Assert.Equal($"process(\"{MarkedProgram.Path}\").provider(\"demo\").mark(\"step\")", target.Point);
        Assert.Equal(("step", "demo", "step"), (target.Function, target.Provider, target.MarkName));
        Assert.NotEqual(0ul, target.SemaphoreFileOffset);
        Assert.Equal(["$arg1", "$arg2", "$arg3"], target.Variables.Select(v => v.Label));
        MachineSource first = Assert.IsType<MachineSource>(target.Find("arg1").Source);
        Assert.Equal(new MachineSource(new RegisterValue(new MachineRegister(Architecture.X64, 5)), first.Type), first);
        Assert.Equal(TargetLookup.Unknown, target.Find("arg4"));
        Assert.Equal(TargetLookup.Unknown, target.Find("arg0"));
        Assert.Equal(TargetLookup.Unknown, target.Find("thread"));
    }

    [Fact]
    public void A_mark_at_several_sites_is_as_many_targets_with_sources_of_their_own()
    {
        // A dash in a script is two underscores in C.
        IReadOnlyList<ProbeTarget> targets = Resolve($"process(\"{MarkedProgram.Path}\").mark(\"a-b\")").Targets;
        Assert.Equal(2, targets.Count);
        Assert.All(targets, t => Assert.Equal($"process(\"{MarkedProgram.Path}\").mark(\"a__b\")", t.Point));
        Assert.All(targets, t => Assert.Equal("rare", t.Function));
    }

    [Fact]
    public void The_mark_of_a_stripped_program_is_its_own_function()
    {
        MarkTarget target = One<MarkTarget>($"process(\"{MarkedProgram.StrippedPath}\").provider(\"demo\").mark(\"step\")");
        Assert.Equal("step", target.Function);
    }

    [Fact]
    public void Marks_are_found_by_patterns_and_similar_names_are_offered()
    {
        Assert.Equal(
            ["a__b", "a__b", "step", "step"],
            Resolve($"process(\"{MarkedProgram.Path}\").ma*(\"*\")").Targets.Select(t => t.MarkName));
        ProbeResolution none = Resolve($"process(\"{MarkedProgram.Path}\").mark(\"stop\")");
        Assert.StartsWith("no match (similar marks: step, ", none.Problem, StringComparison.Ordinal);
        Assert.Equal("similar marks: step", none.Hint);
        Assert.Equal("no match", Resolve($"process(\"{MarkedProgram.Path}*\").mark(\"stop\")").Problem);
    }

    [Fact]
    public void Functions_are_found_in_the_symbols()
    {
        FunctionTarget entry = One<FunctionTarget>($"process(\"{MarkedProgram.Path}\").function(\"step\")");
        FunctionTarget atReturn = One<FunctionTarget>($"process(\"{MarkedProgram.Path}\").function(\"step\").return");
        Assert.Equal(("step", false), (entry.Function, entry.AtReturn));
        Assert.True(atReturn.AtReturn);
        Assert.EndsWith(".function(\"step\").return", atReturn.Point, StringComparison.Ordinal);
        FunctionTarget byAddress = One<FunctionTarget>($"process(\"{MarkedProgram.Path}\").function(0x{entry.Address:x})");
        Assert.Equal(("step", entry.FileOffset), (byAddress.Function, byAddress.FileOffset));
        Assert.Equal(
            ["rare", "run"], Resolve($"process(\"{MarkedProgram.Path}\").function(\"r[au]*\").call").Targets.Select(t => t.Function)
            .Order());
    }

    [Fact]
    public void A_function_that_is_not_there_names_similar_ones()
    {
        ProbeResolution resolution = Resolve($"process(\"{MarkedProgram.Path}\").function(\"stop\")");
        Assert.StartsWith("no match (similar functions: step, ", resolution.Problem, StringComparison.Ordinal);
        Assert.EndsWith("has no such function", resolution.Hint, StringComparison.Ordinal);
        ProbeResolution stripped = Resolve($"process(\"{MarkedProgram.StrippedPath}\").function(\"step\")");
        Assert.Contains("stripped", stripped.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_not_there_is_a_problem_and_a_QEMU_names_those_that_are()
    {
        Assert.Equal("cannot find executable '/no/such'", Resolve("process(\"/no/such\").mark(\"x\")").Problem);
        Assert.Equal("cannot probe pid 0: Invalid pid", Resolve("process(0).begin").Problem);
        Assert.Equal("empty module", Resolve("process(\"\").begin").Problem);
        Assert.Equal("cannot probe pid 2147483646: No such process", Resolve("process(2147483646).mark(\"x\")").Problem);
        Assert.StartsWith("unspecified process probe is invalid", Resolve("process.mark(\"x\")").Problem, StringComparison.Ordinal);
        Assert.Contains("not an ELF file", Resolve("process(\"/etc/passwd\").mark(\"x\")").Problem, StringComparison.Ordinal);
        ProbeResolution qemu = Resolve("process(\"/nowhere/qemu-kvm\").mark(\"x\")");
        Assert.Equal("cannot find executable '/nowhere/qemu-kvm'", qemu.Problem);
        Assert.NotNull(qemu.Hint);
    }

    [Fact]
    public void Of_several_QEMUs_the_one_of_the_target_process_is_proposed()
    {
        string folder = Directory.CreateTempSubdirectory("virtap-qemus-").FullName;
        List<Process> processes = [];
        try
        {
            foreach (string name in (string[])["qemu-system-one", "qemu-system-two", "qemu-system-three"])
            {
                File.Copy("/bin/sleep", Path.Combine(folder, name));
                processes.Add(Process.Start(Path.Combine(folder, name), "1000"));
            }

            foreach (Process target in processes)
            {
                using var resolver = new ProbeResolver(new ProbeOptions { TargetProcess = target.Id });
                Assert.EndsWith(
                    $"--exe /nowhere/qemu-kvm={target.StartInfo.FileName} probes that instead",
                    resolver.Resolve(Point.Of("process(\"/nowhere/qemu-kvm\").mark(\"x\")")).Hint, StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (Process process in processes)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Another_program_can_be_put_in_the_place_of_one_that_the_script_names()
    {
        using var mapped = new ProbeResolver(
            new ProbeOptions { Executables = new Dictionary<string, string> { ["/usr/libexec/qemu-kvm"] = MarkedProgram.Path } });
        ProbeResolution resolution = mapped.Resolve(Point.Of("process(\"/usr/libexec/qemu-kvm\").provider(\"demo\").mark(\"step\")"));
        Assert.Equal(MarkedProgram.Path, Assert.IsType<MarkTarget>(Assert.Single(resolution.Targets)).Binary.Path);
    }

    [Fact]
    public void A_process_by_its_number_confines_the_probe_to_it()
    {
        using MarkedProgram program = MarkedProgram.Start(1);
        MarkTarget target = One<MarkTarget>($"process({program.Id}).provider(\"demo\").mark(\"step\")");
        Assert.Equal((program.Id, MarkedProgram.Path), (target.Process, target.Binary.Path));
        using var ofTarget = new ProbeResolver(new ProbeOptions { TargetProcess = program.Id });
        ProbeResolution bare = ofTarget.Resolve(Point.Of("process.provider(\"demo\").mark(\"step\")"));
        Assert.Equal(program.Id, Assert.IsType<MarkTarget>(Assert.Single(bare.Targets)).Process);
        using var ofCommand = new ProbeResolver(new ProbeOptions { TargetProcess = 1, Command = $"{MarkedProgram.Path} 3 4" });
        bare = ofCommand.Resolve(Point.Of("process.provider(\"demo\").mark(\"step\")"));
        Assert.Null(Assert.IsType<MarkTarget>(Assert.Single(bare.Targets)).Process);
    }

    [Fact]
    public void The_marks_of_a_stripped_QEMU_have_names_and_the_functions_that_hold_them()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-x86_64"), "no QEMU");
        Assert.SkipUnless(
            System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "marks are recovered on x86-64");
        const string Qemu = "process(\"/usr/bin/qemu-system-x86_64\")";
        MarkTarget target = Assert.IsType<MarkTarget>(Resolve($"{Qemu}.mark(\"virtio_notify_irqfd\")").Targets[0]);
        Assert.Equal(
            ($"{Qemu}.mark(\"virtio_notify_irqfd\")", "virtio_notify_irqfd", "qemu"), (target.Point, target.Function, target.Provider));
        Assert.Equal(["vdev", "vq"], target.Variables.Select(v => v.Label));
        Assert.Equal(target.Find("vdev"), target.Find("arg1"));
        Assert.IsType<MachineSource>(target.Find("vq").Source);
        Assert.Equal(
            $"{Qemu}.mark(\"virtio_notify_irqfd\") $vdev:void* $vq:void*",
            Assert.Single(ProbeListing.Lines([target], withVariables: true)));
        ProbeResolution none = Resolve($"{Qemu}.mark(\"virtio_notify_irqfd_deferred_fn\")");
        Assert.StartsWith("no match (similar marks: virtio_notify_irqfd, ", none.Problem, StringComparison.Ordinal);
        Assert.Contains("virtio_notify_irqfd", none.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_has_a_line_for_each_probe_point_with_its_variables()
    {
        Assert.Equal(
            [$"process(\"{MarkedProgram.Path}\").mark(\"a__b\") $arg1:long $arg2:long",
                $"process(\"{MarkedProgram.Path}\").mark(\"step\") $arg1:long $arg2:long $arg3:long"],
            ProbeListing.Lines(Resolve($"process(\"{MarkedProgram.Path}\").mark(\"*\")").Targets, withVariables: true));
    }
}
