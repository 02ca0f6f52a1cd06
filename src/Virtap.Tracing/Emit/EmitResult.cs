using Virtap.Bpf.Specs;

namespace Virtap.Tracing.Emit;

/// <summary>A handler's program, or why there is none: exactly one of the two is set.</summary>
public readonly record struct EmitResult(ProgramSpec? Program, string? Unsupported);
