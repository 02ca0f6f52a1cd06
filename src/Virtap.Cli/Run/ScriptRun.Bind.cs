using Virtap.Language.Binding;
using Virtap.Language.Binding.Printing;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Cli.Run;

/// <summary>Pass 2: from trees to a checked program; the listings of -p2, -l and -L.</summary>
internal sealed partial class ScriptRun
{
    private bool TryBind(IReadOnlyList<ScriptSyntax> scripts, ScriptLibrary library, out BoundProgram program)
    {
        var clock = new PassClock();
        program = Bind(scripts, library)!;
        if (!Tell(2))
            return false;
        if (_options.VerbosityOf(2) > 0)
            Say($"Pass 2: analyzed script: {BoundProgramPrinter.Summarize(program)} {clock.Usage}");
        if (_options.ReportsCoverage)
            ReportCoverage(program);
        return true;
    }

    private BoundProgram? Bind(IReadOnlyList<ScriptSyntax> scripts, ScriptLibrary library) => ScriptBinder.Bind(
        scripts, library, _resolver, new BindOptions { GlobalValues = _options.Globals, IsGuru = _options.IsGuru }, _diagnostics);

    private int PrintProgram(BoundProgram program)
    {
        Console.Out.Write(BoundProgramPrinter.Print(program, withBodies: _options.VerbosityOf(2) > 0));
        return 0;
    }

    /// <summary>-l and -L: a line for each probe point that the pattern matches; a status of 1 where there is none.</summary>
    private int List(IReadOnlyList<ScriptSyntax> scripts, ScriptLibrary library)
    {
        BoundProgram? program = Bind(scripts, library);
        if (!Tell(2))
            return 1;
        using var output = new StreamWriter(Console.OpenStandardOutput());
        foreach (string line in Tracing.Probes.ProbeListing.Lines(program!.Probes.SelectMany(p => p.Targets), _options.ListVariables))
            output.WriteLine(line);
        return 0;
    }

    private void ReportCoverage(BoundProgram program)
    {
        foreach (var function in program.Functions.Where(f => f.IsLibrary).OrderBy(f => f.Name, StringComparer.Ordinal))
            Say($"tapset function {function.Name}: {function.Span}");
    }
}
