using Virtap.Bpf.Kernel;
using Virtap.Cli.Commands;
using Virtap.Language;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Tracing.Leftovers;

namespace Virtap.Cli.Doctor;

/// <summary><c>virtap doctor --mend PID</c>: a process is freed of the breakpoints that a tracer left in it.</summary>
internal static class Mending
{
    /// <summary>Mends and tells; returns the exit status.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    /// <exception cref="ProcessException">The process has ended, or may not be looked into.</exception>
    public static int Run(LiveProcess process)
    {
        // A debugger's breakpoints are the same bytes, and it counts on finding them.
        if (new LiveThread(process.Id, process.Id).TracerId is { } tracer)
        {
            string debugger = LiveProcess.Find(tracer)?.ToString() ?? $"process {tracer}";
            throw new CommandException(
                $"process {process} is being debugged by {debugger}, whose breakpoints look the same: end that first");
        }

        IReadOnlyList<LeftBreakpoints> found = BreakpointSearch.Lasting(process);
        int count = found.Sum(f => f.Offsets.Count);
        if (count == 0)
        {
            Console.WriteLine(PrintableText.OfLine($"process {process}: its code is as its files have it; nothing to mend"));
            return ExitStatus.Success;
        }

        try
        {
            MendingResult result = BreakpointMending.Mend(process, found);
            Console.WriteLine(PrintableText.OfLine($"process {process}: {Count(count - result.Left)} taken out"));
            if (result.Left > result.Refused.Count)
                Console.WriteLine($"{Count(result.Left - result.Refused.Count)} of tracers that are at work now stay");
            if (result.Refused.Count > 0)
                throw new CommandException($"{Count(result.Refused.Count)} not taken out: {result.Refused[0].Reason}");
            return ExitStatus.Success;
        }
        catch (BpfException e)
        {
            throw new CommandException($"{Count(count)} found in process {process}, and not taken out: {e.Message}");
        }
    }

    private static string Count(int breakpoints) => breakpoints == 1 ? "1 breakpoint" : $"{breakpoints} breakpoints";
}
