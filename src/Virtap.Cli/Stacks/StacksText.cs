using Virtap.Binaries.Images;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Processes;
using Virtap.Processes.Stacks;
using Virtap.Virtio.Machines;
using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary>Threads for a person: what each does in a line, and below it its calls.</summary>
internal static class StacksText
{
    public static void Write(TextOutput output, TargetProcess process, IReadOnlyList<ThreadLook> looks, MachineThreads? machine)
    {
        output.Write(process.Label, Tone.Name);
        output.Write($" ({process.Name}), {Figures.Count(looks.Count, "thread")}");
        if (looks.Max(static look => look.StoppedFor) is { } longest)
            output.Write(Figures.Invariant($"; each was stopped to be looked at, for {longest.TotalMicroseconds:0} us at most"));
        output.WriteLine();
        bool? isPaused = machine?.RunState is { } state ? !state.IsRunning && !state.IsSuspended : null;
        foreach (ThreadLook look in looks)
        {
            output.WriteLine();
            output.Write(Figures.Invariant($"{look.ThreadId} {look.Name}").TrimEnd(), Tone.Name);
            if (RoleOf(machine, look.ThreadId) is { } role)
                output.Write($" ({role})", Tone.Name);
            output.Write(": ");
            if (look.Failure is { } failure)
            {
                output.WriteLine(StopWords.OfThread(failure), Tone.Bad);
                continue;
            }

            if (look.WasStopped)
                output.Write("STOPPED by a signal; before that: ", Tone.Bad);
            output.WriteLine(ActivityWords.Of(look.Activity, NameOf, isPaused), Tone.Strong);
            int number = 0;
            foreach (ResolvedAddress address in look.Frames)
                WriteFrame(output, ref number, address);
            if (EndOf(look.End) is { } end)
                output.WriteLine($"      {end}", Tone.Caution);
        }

        string? NameOf(int id) => looks.FirstOrDefault(other => other.ThreadId == id)?.Name;
    }

    private static string? RoleOf(MachineThreads? machine, int id)
    {
        if (machine?.IoThreads.GetValueOrDefault(id) is { } ioThread)
            return $"iothread {ioThread}";
        return machine?.Cpus.GetValueOrDefault(id) is not { } cpus ? null
            : $"{(cpus.Count == 1 ? "vCPU" : "vCPUs")} {string.Join(", ", cpus)}";
    }

    private static void WriteFrame(TextOutput output, ref int number, ResolvedAddress address)
    {
        for (int n = 0; n < address.Scopes.Count - 1; n++)
            WriteLine(output, ref number, address.Scopes[n].Function.Name, address.Scopes[n], " (inlined)");
        CodeScope? own = address.Scopes.Count > 0 ? address.Scopes[^1] : null;
        string name = address.Symbol is { } symbol ? Figures.Invariant($"{symbol.Name}+0x{address.Offset:x}")
            : own is not null ? own.Function.Name : Figures.Invariant($"0x{address.LinkAddress:x}");
        WriteLine(output, ref number, name, own, string.IsNullOrEmpty(address.Module) ? "" : $" [{address.Module}]");
    }

    private static void WriteLine(TextOutput output, ref int number, string name, CodeScope? scope, string what)
    {
        output.Write(Figures.Invariant($"  #{number++,-3}"), Tone.Quiet);
        output.Write(name);
        if (scope?.Line is { } line)
            output.Write(Figures.Invariant($" at {line.File}:{line.Line}"));
        output.WriteLine(what, Tone.Quiet);
    }

    /// <summary>Why a walk did not come to the outermost call; null where it did.</summary>
    public static string? EndOf(StackEnd end) => end switch
    {
        StackEnd.NotDescribed => "what called this is not known: nothing describes the code, and it keeps no frame pointer",
        StackEnd.Lost => "what called this is not known: the stack does not hold what is said to be there",
        StackEnd.StackCut => "the stack goes on behind what was copied of it",
        StackEnd.TooDeep => "and so on: only so many calls are shown",
        _ => null,
    };
}
