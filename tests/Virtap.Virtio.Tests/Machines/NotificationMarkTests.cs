using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Targets;
using Virtap.Language;
using Virtap.Processes;
using Virtap.Qtest;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Tests.Support;
using Virtap.Watch.Coalescing;
using Virtap.Watch.Counting;
using Virtap.Watch.Latency;
using Virtap.Watch.Logpoints;
using Virtap.Watch.Marks;
using Virtap.Watch.Targets;

namespace Virtap.Virtio.Tests.Machines;

/// <summary>
/// What QEMU's marks of notifications mean, which differs from version to version: the interrupts that are counted are those that were
/// sent.
/// </summary>
public class NotificationMarkTests(ITestOutputHelper output)
{
    private const int Batches = 20, BatchSize = 8;

    // Without event_idx each of the requests wants an interrupt; what an iothread completes together it may send one for.
    [Theory]
    [InlineData("5.2")]
    [InlineData("7.2")]
    [InlineData("10.0")]
    [InlineData("newest")]
    public void Interrupts_are_counted_and_timed_when_they_are_sent(string release)
    {
        using DrivenQemu qemu = DrivenQemu.Start(release);
        DeviceTarget target = Target(qemu, "eager0");
        DrivenQueue queue = qemu.Drivers["eager0"].Queues[0];
        // As the commands run them, without their end after a time: the driver says when it is done.
        using CountingScript coalescing = CountingScript.Start(CoalescingWatch.Script, new CountingOptions
        {
            Arguments = [target.Device.Address],
            TargetProcess = qemu.Machine.Id,
            Executables = new Dictionary<string, string> { ["/usr/bin/qemu-system-x86_64"] = target.Qemu.Process.ExecutablePath },
            Warn = static _ => { },
        });
        // What the interrupts are in the end: writes to the queue's eventfd, which are one function's in all releases.
        ulong notifier = target.Device.QueueArray + (ulong)target.Qemu.Layouts.Queue.GuestNotifier!.Value;
        const string Writes = "global written probe process($1).function(\"event_notifier_set\") { written += pointer_arg(1) == $2 }";
        using CountingScript truth = CountingScript.Start(new SourceText("truth", Writes), new CountingOptions
        {
            Arguments = [(ulong)qemu.Machine.Id, notifier], Warn = static _ => { },
        });
        using CountingScript latency = CountingScript.Start(LatencyWatch.Script, new CountingOptions
        {
            Arguments = LatencyWatch.Arguments(target), MaxActions = LatencyWatch.MaxActions, Warn = static _ => { },
        });

        // By the first one it is learned that later ones are sent later.
        for (int batch = 0; batch <= Batches; batch++)
        {
            int size = batch == 0 ? 1 : BatchSize;
            for (int n = 0; n < size; n++)
                queue.Put(DeviceRequests.BlockRead(qemu.Machine.Ram, (ulong)n));
            queue.Publish();
            queue.Kick();
            queue.TakeAll(size);
        }

        // The driver has a request before QEMU has sent its interrupt.
        int requests = (Batches * BatchSize) + 1;
        long Announced() => coalescing.Look().Elements("times").Sum(times => times.Keys[0] * times.Value);
        Assert.True(SpinWait.SpinUntil(() => Announced() == requests, TimeSpan.FromSeconds(10)), $"{Announced()} announced");
        long interrupts = coalescing.Look().Number("notifications");
        Assert.Equal(requests, coalescing.Look().Number("requests"));
        Assert.Equal(interrupts, coalescing.Look().Elements("times").Sum(times => times.Value));
        Assert.Equal(requests, latency.Look().Elements("service").Sum(bucket => bucket.Value));
        Assert.Equal(requests, latency.Look().Elements("notice").Sum(bucket => bucket.Value));
        output.WriteLine($"figure: QEMU {qemu.Version}: {requests} requests of an iothread, {interrupts} interrupts");
        Assert.InRange(interrupts, Batches + 1, requests);
        Assert.Equal(truth.Look().Number("written"), interrupts);
    }

    [Theory]
    [InlineData("7.2", "eager0", "virtio_notify", "virtio_notify_irqfd")]
    [InlineData("10.0", "packed0", "virtio_notify_irqfd", "virtio_notify")]
    [InlineData("newest", "packed0", "virtio_notify_irqfd_deferred_fn", "virtio_notify")]
    public void A_mark_that_stays_silent_while_another_one_fires_in_its_place_is_said_by_name(
        string release, string disk, string asked, string firing)
    {
        using DrivenQemu qemu = DrivenQemu.Start(release);
        using var resolver = new ProbeResolver(new ProbeOptions());
        CompiledScript script = OwnScript.Compile(
            new SourceText("spec", $"global n\nprobe process({qemu.Machine.Id}).mark(\"{asked}\") {{ n++ }}"), [], new LoweringOptions(),
            resolver);
        DrivenQueue queue = qemu.Drivers[disk].Queues[0];
        SilentMark? told = null;
        using (SilentMarkWatch? watch = SilentMarkWatch.Start(script, [], mark => told = mark))
        {
            Assert.NotNull(watch);
            long begin = Environment.TickCount64;
            while (Volatile.Read(ref told) is null && Environment.TickCount64 - begin < 30_000)
            {
                queue.WantInterrupt();
                queue.Submit(DeviceRequests.BlockRead(qemu.Machine.Ram, 0));
                queue.TakeAll(1);
                Thread.Sleep(20);
            }
        }

        Assert.Equal(firing, told?.Firing);
        Assert.Equal([asked], told!.Silent);
    }

    // The disk that a script is about is served by the main loop, another one by an iothread.
    [Fact]
    public void What_a_device_does_not_pass_is_said_though_another_one_passes_it_and_of_a_logpoint_too()
    {
        using DrivenQemu qemu = DrivenQemu.Start("10.0");
        using var resolver = new ProbeResolver(new ProbeOptions());
        string marks = $"global n\nprobe process({qemu.Machine.Id}).mark(\"virtio_notify_irqfd\") {{ n++ }}";
        CompiledScript script = OwnScript.Compile(new SourceText("spec", marks), [], new LoweringOptions(), resolver);
        using DebugTarget target = DebugTarget.Of(LiveProcess.Find(qemu.Machine.Id)!, new DebugFileSearch());
        const string Deferred = "virtio_notify_irqfd_deferred_fn";
        CodeLocation place = new(target.Program.Bias + target.Program.File.EntryPoint, target.Program, null, null);
        ulong device = Target(qemu, "packed0").Device.Address;
        SilentMark? told = null, toldOfPlace = null;
        using (SilentMarkWatch.Start(script, [device], mark => told = mark))
        using (SilentMarkWatch.Start(
            new Logpoint(qemu.Machine.Id, place, new TargetScope(target)), "virtio_notify_irqfd", mark => toldOfPlace = mark))
        {
            long begin = Environment.TickCount64;
            while ((Volatile.Read(ref told) is null || Volatile.Read(ref toldOfPlace) is null) && Environment.TickCount64 - begin < 60_000)
            {
                foreach (string disk in (string[])["packed0", "eager0"])
                {
                    DrivenQueue queue = qemu.Drivers[disk].Queues[0];
                    queue.WantInterrupt();
                    queue.Submit(DeviceRequests.BlockRead(qemu.Machine.Ram, 0));
                    queue.TakeAll(1);
                }

                Thread.Sleep(20);
            }
        }

        Assert.Equal((device, "virtio_notify"), (told?.Device, told?.Firing));
        Assert.Equal(["virtio_notify_irqfd"], told!.Silent);
        Assert.Equal(["virtio_notify_irqfd"], toldOfPlace?.Silent);
        Assert.Contains(toldOfPlace!.Firing, (string[])["virtio_notify", Deferred]);
    }

    private static DeviceTarget Target(DrivenQemu qemu, string id)
    {
        QemuProcess process = qemu.Process;
        return new DeviceTarget(process, process.FindDevices().Single(d => d.Id == id));
    }
}
