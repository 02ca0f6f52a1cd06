using System.Globalization;
using Virtap.Bpf.Specs;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Compilation;

namespace Virtap.Cli.Run;

/// <summary>Pass 3: from a checked program to what machines run; the listing of -p3.</summary>
internal sealed partial class ScriptRun
{
    private CompiledScript? Translate(ScriptCompiler compiler, BoundProgram program)
    {
        var clock = new PassClock();
        foreach (Diagnostic problem in _limits.Problems)
            _diagnostics.Add(problem);
        if (!Report(3))
            return null;
        CompiledScript? compiled = compiler.Translate(program);
        if (!Report(3) || compiled is null)
            return null;
        if (_options.VerbosityOf(3) > 0)
        {
            int programs = compiled.Programs.Count(), instructions = compiled.Programs.Sum(s => s.Instructions.Length);
            Say(string.Create(CultureInfo.InvariantCulture,
                $"Pass 3: translated to eBPF: {programs} {Plural(programs, "program")}, {instructions} instructions {clock.Usage}"));
        }

        return compiled;
    }

    private static int PrintCode(CompiledScript compiled)
    {
        foreach (ProgramSpec program in compiled.Programs)
            Console.Out.WriteLine(program);
        return 0;
    }
}
