using System.Globalization;
using System.Text;
using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Binding.Printing;

/// <summary>
/// Lists a checked program as <c>stap -p2</c> does: globals, functions and probes with their types; on request their bodies, as <c>-p2
/// -v</c> does.
/// </summary>
public static class BoundProgramPrinter
{
    /// <summary>The listing, lines ended by newlines.</summary>
    /// <param name="program">What to list.</param>
    /// <param name="withBodies">Whether handlers and functions are printed too.</param>
    public static string Print(BoundProgram program, bool withBodies = false)
    {
        var text = new StringBuilder();
        if (program.Globals.Count > 0)
            text.Append("# globals\n");
        foreach (GlobalSymbol global in program.Globals)
            PrintGlobal(text, global, withBodies);

        if (program.Functions.Count > 0)
            text.Append("# functions\n");
        foreach (FunctionSymbol function in program.Functions.OrderBy(static each => each.Name, StringComparer.Ordinal))
        {
            text.Append(function.Name).Append(':').Append(TypeTable.Name(function.ReturnType)).Append(" (");
            text.AppendJoin(", ", function.Parameters.Select(Variable)).Append(")\n");
            if (withBodies)
                PrintBody(text, function.Locals, function.Body);
        }

        if (program.Probes.Count > 0)
            text.Append("# probes\n");
        foreach (BoundProbe probe in program.Probes)
        {
            foreach (ProbeTarget target in probe.Targets)
            {
                text.Append(PrintableText.OfLine(target.Point)).Append(" /* <- ").Append(probe.PointTextOf(target)).Append(" */\n");
                if (!withBodies)
                    PrintLocals(text, probe.Locals);
            }

            // One body for all of them, as it runs.
            if (withBodies)
                PrintBody(text, probe.Locals, probe.Body);
        }

        return text.ToString();
    }

    /// <summary>The figures of pass 2's line: <c>2 probes, 1 function, 0 embeds, 3 globals</c>.</summary>
    public static string Summarize(BoundProgram program)
    {
        int probes = program.Probes.Sum(static probe => probe.Targets.Count);
        return $"{Count(probes, "probe")}, {Count(program.Functions.Count, "function")}, 0 embeds, "
            + $"{Count(program.Globals.Count, "global")}";
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static void PrintGlobal(StringBuilder text, GlobalSymbol global, bool withValue)
    {
        text.Append(global.Name);
        if (global.Wraps)
            text.Append('%');
        if (global.Size is long size)
            text.Append(CultureInfo.InvariantCulture, $"[{size}]");
        text.Append(':').Append(TypeTable.Name(global.Type));
        if (global.KeyTypes is { } keys)
            text.Append(" [").AppendJoin(", ", keys.Select(TypeTable.Name)).Append(']');
        if (withValue && global.InitialValue is { } value)
            text.Append(" = ").Append(value is string word ? BoundTreePrinter.Quote(word) : value);
        text.Append('\n');
    }

    private static string Variable(VariableSymbol variable) => $"{variable.Name}:{TypeTable.Name(variable.Type)}";

    private static void PrintLocals(StringBuilder text, IReadOnlyList<LocalSymbol> locals)
    {
        if (locals.Count > 0)
            text.Append("  # locals\n");
        foreach (LocalSymbol local in locals)
            text.Append("  ").Append(Variable(local)).Append('\n');
    }

    private static void PrintBody(StringBuilder text, IReadOnlyList<LocalSymbol> locals, BoundStatement body)
    {
        PrintLocals(text, locals);
        new BoundTreePrinter(text).Print(body);
    }
}
