using Virtap.Language;
using Virtap.Language.Library;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Tests.Backends.Ebpf;
using Virtap.Tracing.Tests.Specs;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>Every entry of the table of built-in functions has its code in both machines.</summary>
public class BuiltInTests
{
    private static readonly BuiltIn[] s_all = [.. BuiltIns.All.Where(each => !each.NeedsGuru)];
    private static readonly EmitOptions s_options = ScriptLoad.EmitOptions();

    public static TheoryData<string> Names() => [.. s_all.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_built_in_runs_in_this_process_and_has_a_program(string name)
    {
        string script = Probe(BuiltIns.Find(name)!);
        SpecOutcome outcome = SpecRun.Evaluate(script);
        Assert.DoesNotContain("ERROR", outcome.Errors, StringComparison.Ordinal);
        Assert.EndsWith("done\n", outcome.Output, StringComparison.Ordinal);
        LoweredProgram program = Scripts.Lower(script);
        EmitResult emitted = ProgramEmitter.Emit(program, program.Handlers[0], s_options);
        Assert.Null(emitted.Unsupported);
    }

    [Fact]
    public void Every_built_in_loads()
    {
        LoweredProgram program = Scripts.Lower(string.Concat(s_all.Select(Probe)));
        Assert.Equal(s_all.Length, ScriptLoad.Load(program, s_options).Count);
    }

    private static string Probe(BuiltIn function)
    {
        // The number of a register, and the names of the kernel's, are written out.
        string number = function.Meaning is RegisterRead ? "3" : "$n";
        IEnumerable<string> arguments = function.Meaning is KernelMember
            ? ["\"task_struct\"", "\"comm\""]
            : function.Parameters.Select(parameter => parameter.Type == ScriptType.String ? "\"%d\"" : number);
        // What stands between values needs two of them.
        if (function.TakesValues)
            arguments = [.. arguments, .. function.Parameters is [{ Name: "delimiter" }] ? ["$n", "$n"] : (string[])["$n"]];
        string call = $"{function.Name}({string.Join(", ", arguments)})";
        string statement = function.Result == ScriptType.Unknown ? call : $"println({call})";
        return $"probe subject {{ try {{ {statement} }} catch {{ }} println(\"done\") }}\n";
    }
}
