namespace Virtap.Bpf.Specs;

/// <summary>A call of a kernel function (kfunc) by name; its BTF id is filled in at load time.</summary>
/// <param name="Index">The slot of the call.</param>
/// <param name="Function">The function's name, such as <c>bpf_preempt_disable</c>.</param>
public readonly record struct KernelFunctionReference(int Index, string Function);
