using System.Diagnostics;
using Virtap.Binaries.Dwarf;
using Virtap.Processes.Cores;
using Virtap.Processes.Stacks;
using Virtap.Processes.Stops;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Stacks;

public class StackWalkerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("-O0 -g")]
    [InlineData("-O2 -g")]
    [InlineData("-O2")]
    [InlineData("-O2 -g -gz=zlib -fno-asynchronous-unwind-tables -fcf-protection=none")]
    [InlineData("-O2 -static -fno-omit-frame-pointer")]
    public void Threads_that_stand_still_have_the_frames_that_gdb_finds(string options)
    {
        using DeepProgram program = DeepProgram.Compile(options);
        string[] places = ["recursive", "callback", "variable", "signal", "alternate", "crash", "forever"];
        Resting[] processes = [.. places.Select(place => new Resting(program.Path, place))];
        try
        {
            string[][] ours = [.. processes.Select(static process => NamesOf(process.Id))];

            Dictionary<int, string[]> gdbs = GdbStack.OfProcesses(program.Folder, processes.Select(static process => process.Id));
            for (int n = 0; n < places.Length; n++)
                Assert.Equal([places[n], .. gdbs[processes[n].Id]], (string[])[places[n], .. ours[n]]);
        }
        finally
        {
            foreach (Resting process in processes)
                process.Dispose();
        }
    }

    [Fact]
    public void Busy_threads_in_a_core_have_the_frames_that_gdb_finds()
    {
        using DeepProgram program = DeepProgram.Compile("-O2 -g");
        using var child = new Child(program.Path, "busy");
        Assert.True(SpinWait.SpinUntil(() => LiveProcess.Get(child.Id).Threads().Count == 3, TimeSpan.FromSeconds(20)));
        string path = Path.Combine(program.Folder, "core");
        Tool.Run("gcore", "-o", path, $"{child.Id}");
        using CoreProcess core = CoreProcess.Open($"{path}.{child.Id}", null);
        using var images = new CodeImages(DebugFileSearch.OfSystem);
        var code = new CodeMap(core, core.ReadMappings(), images);

        Dictionary<int, string[]> ours = core.Threads.ToDictionary(
            static thread => thread.Id, thread => StackText.Names(code, StackWalker.Walk(code, thread.Registers!, null)));

        Dictionary<int, string[]> gdbs = GdbStack.OfCore(program.Folder, program.Path, core.Path);
        Assert.Equal(gdbs.Keys.Order(), ours.Keys.Order());
        foreach ((int thread, string[] names) in gdbs)
            Assert.Equal(names, ours[thread]);
        string[] tops = [.. ours.Values.Where(static names => names.Any(static n => n.StartsWith("busy_", StringComparison.Ordinal)))
            .Select(static names => names[0].Split(':')[0])];
        Assert.Equal(["leaf", "leaf"], tops);
    }

    [Fact]
    public void Busy_threads_are_looked_at_while_they_run_and_go_on()
    {
        using DeepProgram program = DeepProgram.Compile("-O2 -fomit-frame-pointer");
        using var child = new Child(program.Path, "busy");
        LiveProcess process = LiveProcess.Get(child.Id);
        Assert.True(SpinWait.SpinUntil(() => process.Threads().Count == 3, TimeSpan.FromSeconds(20)));
        int[] threads = [.. process.Threads().Select(static thread => thread.Id)];
        using var images = new CodeImages(DebugFileSearch.OfSystem);
        var code = new CodeMap(process, process.ReadMappings(), images);

        HashSet<string> seen = [];
        for (int round = 0; round < 50; round++)
        {
            foreach ((ThreadSnapshot? snapshot, ThreadStopException? failure) in ThreadSnapshot.TakeAll(
                process, threads[1..], code.Mappings, s_patience))
            {
                Assert.Null(failure);
                ThreadStack stack = StackWalker.Walk(code, snapshot!.Registers, snapshot.Stack);
                Assert.Equal(StackEnd.Outermost, stack.End);
                string[] names = StackText.Names(code, stack);
                int busy = Array.FindIndex(names, static name => name.StartsWith("busy_", StringComparison.Ordinal));
                Assert.InRange(busy, 0, 2);
                // Between two calls the function itself is on top, else what it calls.
                seen.Add(string.Join(' ', names[..(busy + 1)]));
                Assert.Contains(
                    string.Join(' ', names[..(busy + 1)]),
                    (string[])[
                        "busy_left", "left busy_left", "leaf left busy_left", "busy_right", "right busy_right", "leaf right busy_right"]);
            }
        }

        Assert.Contains("leaf left busy_left", seen);
        Assert.Contains("leaf right busy_right", seen);
        Assert.All(threads, thread => Assert.Null(new LiveThread(child.Id, thread).TracerId));
        Assert.Equal(threads, process.Threads().Select(static thread => thread.Id));
    }

    [Fact]
    public void A_thread_that_another_process_traces_is_left_alone_and_the_tracer_is_named()
    {
        using DeepProgram program = DeepProgram.Compile("-O2");
        using var child = new Child(program.Path, "busy");
        using var gdb = new Child("/usr/bin/gdb", "-nx", "-batch", "-p", $"{child.Id}", "-ex", "shell sleep 1000");
        Assert.True(SpinWait.SpinUntil(() => new LiveThread(child.Id, child.Id).TracerId == gdb.Id, TimeSpan.FromSeconds(20)));
        LiveProcess process = LiveProcess.Get(child.Id);

        (_, ThreadStopException? failure) = ThreadSnapshot.TakeAll(process, [child.Id], process.ReadMappings(), s_patience)[0];

        Assert.Equal((ThreadStopFailure.Traced, gdb.Id), (failure!.Failure, failure.TracerId));
        (_, failure) = ThreadSnapshot.TakeAll(process, [int.MaxValue], process.ReadMappings(), s_patience)[0];
        Assert.Equal(ThreadStopFailure.Ended, failure!.Failure);
    }

    private static string[] NamesOf(int pid)
    {
        LiveProcess process = LiveProcess.Get(pid);
        using var images = new CodeImages(DebugFileSearch.OfSystem);
        var code = new CodeMap(process, process.ReadMappings(), images);
        (ThreadSnapshot? snapshot, ThreadStopException? failure) = ThreadSnapshot.TakeAll(process, [pid], code.Mappings, s_patience)[0];
        Assert.Null(failure);
        return StackText.Names(code, StackWalker.Walk(code, snapshot!.Registers, snapshot.Stack));
    }
}
