using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>The way from a script's text to its lowered program.</summary>
internal static class Scripts
{
    public static LoweringOptions Options { get; } = new() { CpuCount = Math.Min(Environment.ProcessorCount, 64) };

    public static LoweredProgram Lower(string script, LoweringOptions? options = null)
    {
        LoweredProgram? program = TryLower(script, options ?? Options, out string messages);
        Assert.True(program is not null, messages);
        return program;
    }

    /// <summary>The messages of a script that is refused.</summary>
    public static string Refuse(string script, LoweringOptions? options = null)
    {
        ScriptCompiler compiler = Compiler(options ?? Options);
        Assert.Null(compiler.Compile(new SourceText("spec", script)));
        return Messages(compiler.Diagnostics);
    }

    private static LoweredProgram? TryLower(string script, LoweringOptions options, out string messages)
    {
        ScriptCompiler compiler = Compiler(options);
        LoweredProgram? program = compiler.Parse(new SourceText("spec", script)) is { } trees && compiler.Bind(trees) is { } bound
            ? compiler.Lower(bound)
            : null;
        messages = Messages(compiler.Diagnostics);
        return program;
    }

    private static ScriptCompiler Compiler(LoweringOptions options)
    {
        IBackend[] backends = [new EbpfBackend(new EbpfOptions { Emit = EmitOptions.Modern }), InProcessBackend.Modern];
        return new ScriptCompiler(
            new CompilerOptions { Binding = new BindOptions { KeepsUnused = true }, Lowering = options, Backends = backends },
            new ScriptTargets(),
            new DiagnosticBag());
    }

    private static string Messages(DiagnosticBag diagnostics) => string.Join('\n', diagnostics.Diagnostics.Select(
        each => $"{each.Message} at {each.Span}{(each.Hint is null ? "" : $" ({each.Hint})")}"));
}
