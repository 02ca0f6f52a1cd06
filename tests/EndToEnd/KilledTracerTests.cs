using System.Globalization;
using Virtap.EndToEnd.Guests;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Virtap may die at any instant; the traced program goes on as if it had never been there.</summary>
public class KilledTracerTests
{
    [Fact]
    public async Task SIGKILL_leaves_no_semaphore_raised_no_probe_in_the_code_and_nothing_in_the_kernel()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("bpftool");
        var executable = await BusyProgram.ExecutableAsync();
        await using var busy = await BusyProgram.StartAsync(threads: 2, seconds: 5);
        await using var virtap = await VirtapProcess.AttachAsync(
            "-e", $$"""global n probe process("{{executable}}").mark("step") { n++ } probe end { println(n) }""");

        // These three also show that the checks below would see something.
        Assert.Equal(1, TracedMemory.ReadSemaphore(busy.Id, busy.Semaphore));
        Assert.NotEqual(0, TracedMemory.CountChangedCodeBytes(busy.Id, executable));
        var held = await KernelObject.OfAsync(virtap.Id);
        Assert.NotEmpty(held);

        await busy.GoAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await virtap.SignalAsync("KILL");
        await virtap.WaitAsync();

        await Eventually(() => TracedMemory.ReadSemaphore(busy.Id, busy.Semaphore) == 0, "the semaphore is still raised");
        await Eventually(() => TracedMemory.CountChangedCodeBytes(busy.Id, executable) == 0, "a probe is still in the code");
        foreach (var item in held)
        {
            for (var tries = 0; await item.ExistsAsync(); tries++)
            {
                Assert.True(tries < 50, $"the kernel still has {item}");
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }

        Assert.True(await busy.HitsAsync() > 0);
    }

    [Fact]
    public async Task SIGKILL_in_mid_run_does_not_cost_the_guest_a_request()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions());
        await using var virtap = await VirtapProcess.AttachAsync(
            "-x", guest.ProcessId.ToString(CultureInfo.InvariantCulture),
            "--exe", "/usr/libexec/qemu-kvm=" + Guest.Qemu, Repository.PathOf("examples", "virtio.stap"), "vdev:disk0");
        Assert.NotEqual(0, TracedMemory.CountChangedCodeBytes(guest.ProcessId, Guest.Qemu));

        var workload = guest.FioAsync("--rw=randwrite --bs=4k --ioengine=libaio --iodepth=64 --time_based --runtime=4");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(workload.IsCompleted);
        await virtap.SignalAsync("KILL");
        await virtap.WaitAsync();

        await Eventually(() => TracedMemory.CountChangedCodeBytes(guest.ProcessId, Guest.Qemu) == 0, "a probe is still in QEMU's code");
        var fio = await workload;
        Assert.Equal(0, fio.Error);
        Assert.True(fio.Writes > 0);
    }

    [Fact]
    public async Task The_end_of_a_session_leaves_as_little_behind()
    {
        await Requirements.AttachingAsync();
        var executable = await BusyProgram.ExecutableAsync();
        await using var busy = await BusyProgram.StartAsync(threads: 1, seconds: 1);
        await using var virtap = await VirtapProcess.AttachAsync(
            "-e", $$"""global n probe process("{{executable}}").mark("step") { n++ } probe end { println(n) }""");

        var ended = await virtap.InterruptAsync();

        Assert.Equal(0, ended.Status);
        Assert.Equal(0, TracedMemory.ReadSemaphore(busy.Id, busy.Semaphore));
        Assert.Equal(0, TracedMemory.CountChangedCodeBytes(busy.Id, executable));
    }

    /// <summary>The kernel tears down what a killed process held soon, not at once.</summary>
    private static async Task Eventually(Func<bool> condition, string complaint)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 50, complaint);
            await Task.Delay(100);
        }
    }
}
