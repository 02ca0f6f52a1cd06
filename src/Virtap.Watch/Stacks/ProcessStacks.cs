using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;
using Virtap.Processes.Memory;
using Virtap.Processes.Stacks;
using Virtap.Processes.Stops;

namespace Virtap.Watch.Stacks;

/// <summary>What the threads of a process are doing: their calls, and what these say. What names their code is open until
/// disposal.</summary>
public sealed class ProcessStacks : IDisposable
{
    // Who sleeps in the kernel where no signal reaches it is not waited for: that it does is what there is to say of it.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    private readonly CodeImages _images = new(DebugFileSearch.OfSystem);

    private ProcessStacks()
    {
    }

    /// <summary>The threads.</summary>
    public IReadOnlyList<ThreadLook> Threads { get; private set; } = [];

    /// <summary>What of the process's files could not be read, as sentences.</summary>
    public IEnumerable<string> Problems => _images.Problems;

    /// <summary>Looks at threads of a live process, each of which is stopped for as long as its registers and its stack take to
    /// copy.</summary>
    /// <param name="process">The process.</param>
    /// <param name="threads">The threads.</param>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static ProcessStacks Of(LiveProcess process, IReadOnlyList<ProcessThread> threads)
    {
        var stacks = new ProcessStacks();
        try
        {
            var code = new CodeMap(process, process.ReadMappings(), stacks._images);
            // What they did before they were stopped: afterwards all of them have just run.
            ThreadStatus?[] states = [.. threads.Select(thread => new LiveThread(process.Id, thread.Id).ReadStatus())];
            var snapshots = ThreadSnapshot.TakeAll(process, [.. threads.Select(static thread => thread.Id)], code.Mappings, s_patience);
            stacks.Threads = [.. threads.Select((thread, n) => Look(code, thread, states[n], snapshots[n]))];
            return stacks;
        }
        catch
        {
            stacks.Dispose();
            throw;
        }
    }

    /// <summary>Looks at the threads of a core.</summary>
    /// <param name="core">The core.</param>
    public static ProcessStacks Of(CoreProcess core)
    {
        var stacks = new ProcessStacks();
        var code = new CodeMap(core, core.ReadMappings(), stacks._images);
        stacks.Threads = [.. core.Threads.Where(static thread => thread.Registers is not null)
            .Select(thread => Look(code, thread.Id, "", thread.Registers!, null, runs: false))];
        return stacks;
    }

    /// <inheritdoc/>
    public void Dispose() => _images.Dispose();

    private static ThreadLook Look(
        CodeMap code, ProcessThread thread, ThreadStatus? state, (ThreadSnapshot? Snapshot, ThreadStopException? Failure) taken)
    {
        if (taken.Snapshot is not { } snapshot)
            return new ThreadLook(
                thread.Id, thread.Name, [], StackEnd.Lost, new ThreadActivity(ActivityKind.Unknown), null, taken.Failure);
        ThreadLook look = Look(code, thread.Id, thread.Name, snapshot.Registers, snapshot.Stack, state is { State: 'R' });
        return look with { StoppedFor = snapshot.StoppedFor, WasStopped = state is { IsStopped: true } };
    }

    private static ThreadLook Look(CodeMap code, int id, string name, RegisterValues registers, StackCopy? copy, bool runs)
    {
        ThreadStack stack = StackWalker.Walk(code, registers, copy);
        ResolvedAddress[] addresses = [.. stack.Frames.Select(frame => code.Describe(frame.Address, frame.IsReturnAddress))];
        ThreadActivity activity = ActivityJudge.Judge(addresses, name, runs);
        if (activity.Kind is ActivityKind.WaitingForBigLock or ActivityKind.WaitingForLock)
            activity = activity with { LockHolder = HolderOf(registers, code.Process.Memory) };
        return new ThreadLook(id, name, addresses, stack.End, activity, null, null);
    }

    /// <summary>
    /// Who holds the lock that a thread waits for. It sleeps in futex(2), whose first argument is the lock's word; in glibc's
    /// pthread_mutex_t (x86-64 and aarch64) the owner stands 8 bytes behind it.
    /// </summary>
    private static int? HolderOf(RegisterValues registers, TargetMemory memory)
    {
        const int owner = 8;
        int argument = registers.Architecture == Architecture.X64 ? 5 : 0;
        return registers[argument] is ulong word && memory.TryRead(word + owner, out int holder) && holder > 0 ? holder : null;
    }
}
