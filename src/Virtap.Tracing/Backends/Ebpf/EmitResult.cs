using Virtap.Bpf.Specs;
using Virtap.Language;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>A handler's program, or why there is none: exactly one of the two is set.</summary>
public readonly record struct EmitResult(ProgramSpec? Program, Unemittable? Unsupported);

/// <summary>Why a handler has no program.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Span">Where the script has the statement; null where the tree does not tell.</param>
/// <param name="Hint">What can be done about it.</param>
public sealed record Unemittable(string Reason, SourceSpan? Span = null, string? Hint = null);
