using System.Diagnostics;
using Virtap.Binaries.Dwarf;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Samples;
using Virtap.Processes.Stacks;

namespace Virtap.Watch.Stacks;

/// <summary>A stack that threads of one name were seen at while they were on a processor.</summary>
/// <param name="ThreadName">The threads' name.</param>
/// <param name="Frames">The calls, the innermost first.</param>
/// <param name="Mode">Where the processor was: in these calls, or in the kernel or the guest, which they had called.</param>
/// <param name="End">Where the walk along them ended.</param>
/// <param name="Samples">How often it was seen.</param>
public sealed record ProfiledStack(string ThreadName, IReadOnlyList<ResolvedAddress> Frames, SampledMode Mode, StackEnd End, long Samples);

/// <summary>Where the threads of a process spend their time on processors, by samples.</summary>
public sealed class StackProfile
{
    // Rings hold several times as much as is sampled in this time.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50), s_mappingsAge = TimeSpan.FromSeconds(1);

    private readonly Dictionary<StackKey, (List<ResolvedAddress> Frames, StackEnd End, long Samples)> _stacks = [];
    private readonly Dictionary<int, long> _ofThreads = [];

    private StackProfile()
    {
    }

    /// <summary>The stacks, those that were seen most often first.</summary>
    public IReadOnlyList<ProfiledStack> Stacks { get; private set; } = [];

    /// <summary>Threads and how often each was seen, the busiest first.</summary>
    public IReadOnlyList<(int Id, string Name, long Samples)> Threads { get; private set; } = [];

    /// <summary>Samples in all.</summary>
    public long Samples { get; private set; }

    /// <summary>Samples that the kernel had no room for.</summary>
    public long Lost { get; private set; }

    /// <summary>How many threads could not be sampled.</summary>
    public int Unwatched { get; private set; }

    /// <summary>Whether samples in the kernel are missing, since this user may not have them.</summary>
    public bool ExcludesKernel { get; private set; }

    /// <summary>For how long was sampled.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Samples a second of time on a processor.</summary>
    public int Frequency { get; private set; }

    /// <summary>What of the process's files could not be read, as sentences.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Samples the threads of a process for a while; nothing is stopped.</summary>
    /// <param name="process">The process.</param>
    /// <param name="isMeant">Which threads are meant, by their ids and names.</param>
    /// <param name="duration">For how long; it ends earlier when the process does.</param>
    /// <param name="frequency">Samples a second of time on a processor.</param>
    /// <param name="stop">Ends it earlier.</param>
    /// <exception cref="ProcessException">This user may not, or the process has ended.</exception>
    public static StackProfile Take(
        LiveProcess process, Func<int, string, bool> isMeant, TimeSpan duration, int frequency, CancellationToken stop)
    {
        var profile = new StackProfile { Frequency = frequency };
        using var images = new CodeImages(DebugFileSearch.OfSystem);
        using var sampler = CpuSampler.Start(process, frequency);
        long began = Stopwatch.GetTimestamp(), mapped = began;
        var code = new CodeMap(process, process.ReadMappings(), images);
        while (process.IsAlive && Stopwatch.GetElapsedTime(began) is var spent && spent < duration && !stop.IsCancellationRequested)
        {
            stop.WaitHandle.WaitOne(duration - spent < s_look ? duration - spent : s_look);
            profile.Add(sampler, code, isMeant);
            if (Stopwatch.GetElapsedTime(mapped) < s_mappingsAge || !process.IsAlive)
                continue;

            // Libraries may have been loaded, and stacks made.
            mapped = Stopwatch.GetTimestamp();
            code = TryMap(process, images) ?? code;
        }

        profile.Duration = Stopwatch.GetElapsedTime(began);
        (profile.Lost, profile.Unwatched, profile.ExcludesKernel) = (sampler.Lost, sampler.Unwatched, sampler.ExcludesKernel);
        profile.Stacks = [
            .. profile._stacks.OrderByDescending(static each => each.Value.Samples)
                .Select(static each => new ProfiledStack(
                    each.Key.ThreadName, each.Value.Frames, each.Key.Mode, each.Value.End, each.Value.Samples))];
        profile.Threads = [
            .. profile._ofThreads.OrderByDescending(static each => each.Value)
                .Select(each => (each.Key, sampler.ThreadNames.GetValueOrDefault(each.Key, ""), each.Value))];
        profile.Problems = [.. images.Problems];
        return profile;
    }

    private static CodeMap? TryMap(LiveProcess process, CodeImages images)
    {
        try
        {
            return new CodeMap(process, process.ReadMappings(), images);
        }
        catch (ProcessException)
        {
            // It is ending; what was known of it still holds for what was sampled.
            return null;
        }
    }

    private void Add(CpuSampler sampler, CodeMap code, Func<int, string, bool> isMeant)
    {
        foreach (CpuSample sample in sampler.Take())
        {
            string name = sampler.ThreadNames.GetValueOrDefault(sample.ThreadId, "");
            if (!isMeant(sample.ThreadId, name))
                continue;
            Samples++;
            _ofThreads[sample.ThreadId] = _ofThreads.GetValueOrDefault(sample.ThreadId) + 1;
            ThreadStack stack = sample.Registers is null ? new ThreadStack([], StackEnd.Outermost)
                : StackWalker.Walk(code, sample.Registers, sample.Stack);
            List<ResolvedAddress> addresses = [.. stack.Frames.Select(frame => code.Describe(frame.Address, frame.IsReturnAddress))];
            var key = new StackKey(name, sample.Mode, string.Join(';', addresses.Select(static address => NameKey(address))));
            _stacks[key] = _stacks.TryGetValue(key, out var known)
                ? (known.Frames, known.End, known.Samples + 1) : (addresses, stack.End, 1);
        }
    }

    /// <summary>Functions are told apart, not the instructions in them.</summary>
    private static string NameKey(ResolvedAddress address) =>
        address.Symbol is { } symbol ? $"{address.Module}:{symbol.Address:x}:{address.Scopes.Count}"
        : address.Scopes is [.., var outer] ? $"{address.Module}:{outer.Function.Name}:{address.Scopes.Count}"
        : $"{address.Module}:{address.LinkAddress:x}";

    private readonly record struct StackKey(string ThreadName, SampledMode Mode, string Places);
}
