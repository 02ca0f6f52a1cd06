using Virtap.Cli.Rendering;
using Virtap.Language.Binding.Printing;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes;

namespace Virtap.Cli.Run;

/// <summary>Pass 2: from trees to a checked program; the listings of -p2, -l and -L.</summary>
internal sealed partial class ScriptRun
{
    private BoundProgram? Bind(ScriptCompiler compiler, IReadOnlyList<ScriptSyntax> scripts)
    {
        var clock = new PassClock();
        BoundProgram? program = compiler.Bind(scripts);
        VirtioArguments.CheckNames(_options.Arguments, _options.TargetProcess, _diagnostics);
        if (!Report(2) || program is null)
            return null;
        if (_options.VerbosityOf(2) > 0)
        {
            Say($"Pass 2: analyzed script: {BoundProgramPrinter.Summarize(program)} {clock.Usage}");
            int caught = program.Probes.SelectMany(static probe => probe.Targets)
                .Count(static target => target is FunctionTarget { ByReturnAddress: true, Binary.Elf.IsLibrary: true });
            if (caught > 0)
                Say($"Pass 2: the kernel catches the returns of {caught} functions of libraries, which harms threads that change stacks "
                    + "while one of them runs; none of the programs that run is known to");
        }

        if (_options.ReportsCoverage)
            ReportCoverage(program);
        return program;
    }

    private int PrintProgram(BoundProgram program)
    {
        Console.Out.Write(BoundProgramPrinter.Print(program, withBodies: _options.VerbosityOf(2) > 0));
        return 0;
    }

    /// <summary>-l and -L: a line for each probe point that the pattern matches; a status of 1 where there is none.</summary>
    private int List(ScriptCompiler compiler, IReadOnlyList<ScriptSyntax> scripts)
    {
        BoundProgram? program = compiler.Bind(scripts);
        if (!Report(2) || program is null)
            return 1;
        TextOutput output = TextOutput.StandardOutput();
        foreach (string line in ProbeListing.Lines(program.Probes, _options.ListVariables))
            output.WriteLine(line);
        return 0;
    }

    private void ReportCoverage(BoundProgram program)
    {
        foreach (var function in program.Functions.Where(f => f.IsLibrary).OrderBy(f => f.Name, StringComparer.Ordinal))
            Say($"tapset function {function.Name}: {function.Span}");
    }
}
