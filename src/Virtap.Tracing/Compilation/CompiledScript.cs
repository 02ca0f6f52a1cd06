using Virtap.Bpf.Specs;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Compilation;

/// <summary>
/// What the compiler makes of a script: a function of its inputs, which are the text, the options, the probe points and the backends.
/// </summary>
/// <param name="Program">The lowered program, the same for every machine.</param>
/// <param name="Code">What each backend made of the handlers that it runs, in the order of the compiler's backends.</param>
public sealed record CompiledScript(LoweredProgram Program, IReadOnlyList<HandlerCode> Code)
{
    /// <summary>The programs for the kernel, in the script's order; none where no handler runs there.</summary>
    public IEnumerable<ProgramSpec> Programs => Code.SelectMany(code => code.Programs);
}
