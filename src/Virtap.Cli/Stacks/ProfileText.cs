using System.Globalization;
using System.Text;
using System.Text.Json;
using Virtap.Binaries.Images;
using Virtap.Cli.Rendering;
using Virtap.Processes;
using Virtap.Processes.Samples;
using Virtap.Processes.Stacks;
using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary>A profile for a person: which threads are busy, and the stacks that were seen most often.</summary>
internal static class ProfileText
{
    private const int MaxStacks = 10, MaxThreads = 8;

    public static void Write(TextOutput output, TargetProcess process, StackProfile profile)
    {
        output.Write(process.Label, Tone.Name);
        output.WriteLine(Figures.Invariant(
            $" ({process.Name}): {Figures.Count(profile.Samples, "sample")} in {profile.Duration.TotalSeconds:0.0} s, {Rate(profile)}"));
        if (profile.Samples == 0)
        {
            output.WriteLine("none of its threads was on a processor: what they wait for, virtap stacks says");
            return;
        }

        double second = profile.Duration.TotalSeconds * profile.Frequency;
        foreach ((int id, string name, long samples) in profile.Threads.Take(MaxThreads))
            output.WriteLine(Figures.Invariant($"  {id} {name}: on a processor for {Math.Min(samples / second, 1):0.0%} of the time"));
        if (profile.Threads.Count > MaxThreads)
            output.WriteLine($"  and {Figures.Count(profile.Threads.Count - MaxThreads, "thread")} more");
        foreach (ProfiledStack stack in profile.Stacks.Take(MaxStacks))
        {
            output.WriteLine();
            output.Write(Figures.Invariant($"{(double)stack.Samples / profile.Samples,6:0.0%}"), Tone.Strong);
            output.WriteLine(Figures.Invariant($"  {Figures.Count(stack.Samples, "sample")} of {ThreadOf(stack)}"), Tone.Quiet);
            foreach (string name in ProfileNames.Of(stack))
                output.WriteLine($"        {name}");
            if (StacksText.EndOf(stack.End) is { } end)
                output.WriteLine($"        {end}", Tone.Caution);
        }

        if (profile.Stacks.Count > MaxStacks)
        {
            long shown = profile.Stacks.Take(MaxStacks).Sum(static stack => stack.Samples);
            double rest = 1 - ((double)shown / profile.Samples);
            output.WriteLine();
            string others = Figures.Count(profile.Stacks.Count - MaxStacks, "other stack");
            output.WriteLine(Figures.Invariant($"{rest,6:0.0%}  in {others}: --folded and --svg have all of them"));
        }
    }

    private static string Rate(StackProfile profile) =>
        Figures.Invariant($"{profile.Frequency} a second that a thread runs; nothing was stopped");

    private static string ThreadOf(ProfiledStack stack) => stack.ThreadName.Length > 0 ? stack.ThreadName : "a thread without a name";
}

/// <summary>The names of a stack's frames, the innermost first.</summary>
internal static class ProfileNames
{
    /// <summary>Names as those who know flame graphs expect them: what is inlined ends in <c>_[i]</c>.</summary>
    public static IEnumerable<string> Of(ProfiledStack stack)
    {
        if (stack.Mode != SampledMode.User)
            yield return stack.Mode == SampledMode.Kernel ? "[kernel]" : "[guest]";
        foreach (ResolvedAddress address in stack.Frames)
        {
            for (int n = 0; n < address.Scopes.Count - 1; n++)
                yield return address.Scopes[n].Function.Name + "_[i]";
            CodeScope? own = address.Scopes.Count > 0 ? address.Scopes[^1] : null;
            string module = string.IsNullOrEmpty(address.Module) ? "unknown" : Path.GetFileName(address.Module);
            yield return address.Symbol is { } symbol ? symbol.Name : own is not null ? own.Function.Name
                : Figures.Invariant($"[{module}+0x{address.LinkAddress:x}]");
        }
    }
}

/// <summary>Profiles as files that other programs read.</summary>
internal static class ProfileFiles
{
    /// <summary>
    /// Folded stacks, as flamegraph.pl, speedscope and others take them: a line for each, the thread's name and the calls from the
    /// outermost on between semicolons, a blank, how often.
    /// </summary>
    public static string Folded(StackProfile profile)
    {
        var lines = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (ProfiledStack stack in profile.Stacks)
        {
            string line = string.Join(';', ProfileNames.Of(stack).Append(ThreadOf(stack)).Reverse().Select(Clean));
            lines[line] = lines.GetValueOrDefault(line) + stack.Samples;
        }

        var text = new StringBuilder();
        foreach ((string line, long samples) in lines)
            text.Append(CultureInfo.InvariantCulture, $"{line} {samples}\n");
        return text.ToString();
    }

    /// <summary>The profile as JSON.</summary>
    public static void Write(Utf8JsonWriter writer, TargetProcess process, StackProfile profile)
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid", process.Id);
        writer.WriteString("name", process.Name);
        writer.WriteNumber("seconds", Math.Round(profile.Duration.TotalSeconds, 3));
        writer.WriteNumber("frequency", profile.Frequency);
        writer.WriteNumber("samples", profile.Samples);
        writer.WriteNumber("lost", profile.Lost);
        writer.WriteStartArray("threads");
        foreach ((int id, string name, long samples) in profile.Threads)
        {
            writer.WriteStartObject();
            writer.WriteNumber("tid", id);
            writer.WriteString("name", name);
            writer.WriteNumber("samples", samples);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("stacks");
        foreach (ProfiledStack stack in profile.Stacks)
        {
            writer.WriteStartObject();
            writer.WriteString("thread", stack.ThreadName);
            writer.WriteNumber("samples", stack.Samples);
            writer.WriteString("mode", JsonNamingPolicy.CamelCase.ConvertName(stack.Mode.ToString()));
            writer.WriteString("end", JsonNamingPolicy.CamelCase.ConvertName(stack.End.ToString()));
            writer.WriteStartArray("frames");
            foreach (string name in ProfileNames.Of(stack))
                writer.WriteStringValue(name);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string ThreadOf(ProfiledStack stack) => stack.ThreadName.Length > 0 ? stack.ThreadName : "thread";

    /// <summary>Semicolons and ends of lines would be others' than the file's.</summary>
    private static string Clean(string name) => string.Concat(name.Select(static c => c == ';' ? ':' : char.IsControl(c) ? '?' : c));
}
