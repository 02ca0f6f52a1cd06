using System.Diagnostics;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests;

public class LiveThreadTests
{
    [Fact]
    public void A_thread_that_sleeps_and_one_that_is_stopped_are_told_apart()
    {
        using var child = new Child("/bin/sleep", "1000");
        var thread = new LiveThread(child.Id, child.Id);

        Assert.True(SpinWait.SpinUntil(() => thread.ReadStatus() is { State: 'S', IsStopped: false }, TimeSpan.FromSeconds(20)));
        if (Environment.IsPrivilegedProcess)
            Assert.True(
                SpinWait.SpinUntil(
                    () => thread.ReadStatus()?.WaitsIn?.Contains("nanosleep", StringComparison.Ordinal) == true,
                    TimeSpan.FromSeconds(20)));
        Process.Start("/bin/kill", ["-STOP", $"{child.Id}"]).WaitForExit();
        Assert.True(SpinWait.SpinUntil(() => thread.ReadStatus() is { State: 'T', IsStopped: true }, TimeSpan.FromSeconds(20)));
        Assert.Null(thread.ReadStatus()!.Value.WaitsIn);
        Assert.Null(thread.TracerId);
        Assert.Equal(child.Id, thread.OwnNamespaceId);
    }

    [Fact]
    public void A_thread_that_runs_uses_time()
    {
        using var child = new Child("/bin/sh", "-c", "read line; while :; do :; done");
        var thread = new LiveThread(child.Id, child.Id);
        TimeSpan before = thread.ReadStatus()!.Value.CpuTime;
        child.Input.WriteLine();
        child.Input.Flush();

        Assert.True(
            SpinWait.SpinUntil(
                () => thread.ReadStatus()!.Value.CpuTime >= before + TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(20)));
        Assert.Equal('R', thread.ReadStatus()!.Value.State);
    }

    [Fact]
    public void A_thread_of_a_container_has_another_number_there()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a namespace takes root");
        using var parent = new Child("/usr/bin/unshare", "--pid", "--fork", "--kill-child", "/bin/sleep", "1000");
        LiveProcess? child = null;
        Assert.True(
            SpinWait.SpinUntil(
                () => (child = LiveProcess.All().FirstOrDefault(p => p.ParentId == parent.Id)) is not null, TimeSpan.FromSeconds(20)));

        Assert.Equal(1, new LiveThread(child!.Id, child.Id).OwnNamespaceId);
    }

    [Fact]
    public void A_thread_that_has_ended_answers_with_nothing()
    {
        using var child = new Child("/bin/sleep", "1000");
        var thread = new LiveThread(child.Id, child.Id);
        child.Kill();

        Assert.Null(thread.ReadStatus());
        Assert.Null(thread.TracerId);
        Assert.Null(thread.OwnNamespaceId);
    }
}
