using System.Globalization;
using Virtap.Language;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Session;

/// <summary>How often each handler ran and for how long (-t).</summary>
internal static class HitReport
{
    /// <summary>Writes a line for each handler that ran, in the script's order, under SystemTap's heading.</summary>
    public static void Write(LoweredProgram program, IReadOnlyList<LoadedHandlers> loaded, OutputWriter output)
    {
        output.Write("----- probe hit report: \n");
        foreach (LoweredHandler handler in program.Handlers)
        {
            HandlerTimes times = loaded.Select(each => each.TimesOf(handler)).FirstOrDefault(each => each.Hits > 0);
            if (times.Hits == 0)
                continue;
            string others = handler.Targets.Count == 1 ? "" : $" and {handler.Targets.Count - 1} more";
            long average = times.Nanoseconds / times.Hits;
            string point = PrintableText.OfLine(handler.Targets[0].Point);
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"{point}{others}, hits: {times.Hits}, time: {times.Nanoseconds} ns, {average} ns on average\n"));
        }
    }
}
