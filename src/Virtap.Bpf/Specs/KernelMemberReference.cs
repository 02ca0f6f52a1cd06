namespace Virtap.Bpf.Specs;

/// <summary>
/// An addition of where a member lies in a structure of the kernel, or of its size; it is filled in at load time, from the kernel's types.
/// </summary>
/// <param name="Index">The slot of the addition.</param>
/// <param name="Structure">The structure's tag, such as <c>task_struct</c>.</param>
/// <param name="Member">The member, such as <c>real_parent</c>.</param>
/// <param name="IsSize">Bytes of the member, instead of those before it.</param>
public readonly record struct KernelMemberReference(int Index, string Structure, string Member, bool IsSize);
