using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Processes.Stacks;
using Virtap.Processes.Stops;
using Virtap.Processes.Tests.Support;
using Virtap.Watch.Stacks;
using Process = System.Diagnostics.Process;

namespace Virtap.Watch.Tests.Stacks;

public sealed class ProcessStacksTests : IDisposable
{
    private const int StopSignal = 19;
    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-watch-").FullName;
    private readonly List<Stranger> _processes = [];

    [Fact]
    public void The_threads_of_a_paused_QEMU_are_told_apart()
    {
        Assert.SkipUnless(File.Exists(Qemu), $"{Qemu} is not installed");
        LiveProcess process = Start(
            Qemu, "-name", "vm,debug-threads=on", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "64", "-display", "none", "-S",
            "-serial", "null", "-monitor", "none", "-object", "iothread,id=io0");
        Assert.True(SpinWait.SpinUntil(() => IsSettled(process), TimeSpan.FromSeconds(60)));

        using ProcessStacks stacks = ProcessStacks.Of(process, process.Threads());

        Assert.All(stacks.Threads, static thread => Assert.Equal((null, StackEnd.Outermost), (thread.Failure, thread.End)));
        Assert.Equal((ActivityKind.MainLoopWaiting, "ppoll"), Of(stacks, process.Id));
        Assert.Equal(ActivityKind.IoWaiting, Named(stacks, "IO io0").Activity.Kind);
        Assert.Equal(ActivityKind.CpuIdle, Named(stacks, "CPU 0/TCG").Activity.Kind);
        Assert.Equal(ActivityKind.CpuIdle, Named(stacks, "CPU 1/TCG").Activity.Kind);
        ThreadLook main = stacks.Threads.Single(thread => thread.ThreadId == process.Id);
        Assert.Contains(main.Frames, static frame => frame.Symbol?.Name == "main_loop_wait");
        Assert.All(stacks.Threads, static thread => Assert.InRange(thread.StoppedFor!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Who_waits_for_a_lock_waits_for_the_thread_that_holds_it()
    {
        string program = Compile("""
            #include <pthread.h>
            #include <sys/prctl.h>
            #include <unistd.h>
            static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
            static void *wait_for_it(void *p) { prctl(PR_SET_NAME, "waiter"); pthread_mutex_lock(&lock); return p; }
            int main(void)
            {
                pthread_t thread;
                pthread_mutex_lock(&lock);
                pthread_create(&thread, 0, wait_for_it, 0);
                for (;;) pause();
            }
            """);
        LiveProcess process = Start(program);
        Assert.True(SpinWait.SpinUntil(
            () => process.Threads() is [_, { Name: "waiter" } other] && Sleeps(process, other.Id), TimeSpan.FromSeconds(20)));

        using ProcessStacks stacks = ProcessStacks.Of(process, process.Threads());

        ThreadActivity activity = Named(stacks, "waiter").Activity;
        Assert.Equal((ActivityKind.WaitingForLock, process.Id), (activity.Kind, activity.LockHolder));
    }

    [Fact]
    public void Who_was_stopped_by_a_signal_is_said_to_be_and_stays_so()
    {
        LiveProcess process = Start(Compile("#include <unistd.h>\nint main(void) { for (;;) pause(); }"));
        Assert.True(SpinWait.SpinUntil(() => Sleeps(process, process.Id), TimeSpan.FromSeconds(20)));
        Assert.False(process.IsStopped);
        Assert.True(ProcessSignal.Send(process.Id, StopSignal));
        Assert.True(SpinWait.SpinUntil(() => process.IsStopped, TimeSpan.FromSeconds(20)));

        using ProcessStacks stacks = ProcessStacks.Of(process, process.Threads());

        Assert.True(Assert.Single(stacks.Threads).WasStopped);
        Assert.True(SpinWait.SpinUntil(() => process.IsStopped, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_tracer_that_is_killed_while_it_looks_leaves_the_process_running()
    {
        string program = Compile("""
            #include <stdio.h>
            volatile unsigned long n;
            int main(void) { for (;;) n++; }
            """);
        LiveProcess process = Start(program);
        var thread = new LiveThread(process.Id, process.Id);
        for (int round = 0; round < 20; round++)
        {
            // A thread that ends in the middle of it is, to the kernel, a tracer that has been killed.
            var tracer = new Thread(() => _ = ThreadStop.Begin(process.Id, process.Id, TimeSpan.FromSeconds(10)).ReadRegisters());
            tracer.Start();
            tracer.Join();
            Assert.True(SpinWait.SpinUntil(() => thread.TracerId is null, TimeSpan.FromSeconds(20)));
        }

        Assert.True(SpinWait.SpinUntil(() => thread.ReadStatus() is { State: 'R' }, TimeSpan.FromSeconds(20)));
    }

    public void Dispose()
    {
        _processes.ForEach(static process => process.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private static (ActivityKind Kind, string? Function) Of(ProcessStacks stacks, int thread)
    {
        ThreadActivity activity = stacks.Threads.Single(each => each.ThreadId == thread).Activity;
        return (activity.Kind, activity.Function);
    }

    private static ThreadLook Named(ProcessStacks stacks, string name) => stacks.Threads.Single(thread => thread.Name == name);

    private static bool Sleeps(LiveProcess process, int thread) => new LiveThread(process.Id, thread).ReadStatus() is { State: 'S' };

    private static bool IsSettled(LiveProcess process)
    {
        IReadOnlyList<ProcessThread> threads = process.Threads();
        return threads.Count(static thread => thread.Name is "IO io0" or "CPU 0/TCG" or "CPU 1/TCG") == 3
            && threads.All(thread => Sleeps(process, thread.Id));
    }

    private LiveProcess Start(string program, params string[] arguments)
    {
        var process = new Stranger(program, arguments);
        _processes.Add(process);
        return LiveProcess.Get(process.Id);
    }

    private string Compile(string source)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "there is no C compiler");
        string text = Path.Combine(_folder, "program.c"), program = Path.Combine(_folder, "program");
        File.WriteAllText(text, source);
        using Process compiler = Process.Start("/usr/bin/cc", ["-O1", "-pthread", "-o", program, text]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return program;
    }
}
