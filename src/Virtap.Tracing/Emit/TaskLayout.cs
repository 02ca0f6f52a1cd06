namespace Virtap.Tracing.Emit;

/// <summary>Byte offsets in the running kernel's <c>struct task_struct</c>, from its BTF.</summary>
public sealed record TaskLayout(int RealParent, int Tgid, int Comm);
