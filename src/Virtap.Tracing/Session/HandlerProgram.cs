using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Session;

/// <summary>A handler that runs in targets, and its program.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Spec">Its program.</param>
/// <param name="Attachment">How it will be attached.</param>
internal sealed record HandlerProgram(LoweredHandler Handler, ProgramSpec Spec, UprobeAttachment Attachment);
