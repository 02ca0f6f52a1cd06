using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Virtap.Bpf.Instructions;

namespace Virtap.Bpf.Specs;

/// <summary>
/// A program before any kernel has seen it: instructions, and what is to be filled in at load time. Made by <see
/// cref="Programs.BpfAssembler"/>; the same calls give the same bytes.
/// </summary>
public sealed class ProgramSpec
{
    internal ProgramSpec(
        string name,
        BpfProgramKind kind,
        bool isSleepable,
        ImmutableArray<BpfInstruction> instructions,
        ImmutableArray<MapReference> maps,
        ImmutableArray<KernelFunctionReference> kernelFunctions,
        ImmutableArray<KernelMemberReference> kernelMembers,
        ImmutableArray<Subprogram> subprograms,
        ImmutableSortedDictionary<int, string> comments)
    {
        Name = name;
        Kind = kind;
        IsSleepable = isSleepable;
        Instructions = instructions;
        Maps = maps;
        KernelFunctions = kernelFunctions;
        KernelMembers = kernelMembers;
        Subprograms = subprograms;
        Comments = comments;
    }

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>What it is attached to.</summary>
    public BpfProgramKind Kind { get; }

    /// <summary>
    /// Whether it may fault memory in while it runs (bpf_copy_from_user): user-space probes from 6.0, SYSCALL programs always.
    /// </summary>
    public bool IsSleepable { get; }

    /// <summary>The instructions; references to maps, functions and members of the kernel are zero until loading.</summary>
    public ImmutableArray<BpfInstruction> Instructions { get; }

    /// <summary>Loads to be filled in with maps, in order of slot.</summary>
    public ImmutableArray<MapReference> Maps { get; }

    /// <summary>Calls to be filled in with BTF ids, in order of slot.</summary>
    public ImmutableArray<KernelFunctionReference> KernelFunctions { get; }

    /// <summary>Additions to be filled in with offsets in the kernel's structures, in order of slot.</summary>
    public ImmutableArray<KernelMemberReference> KernelMembers { get; }

    /// <summary>The functions in order of slot; the first is the program itself.</summary>
    public ImmutableArray<Subprogram> Subprograms { get; }

    /// <summary>Comments by slot, for listings.</summary>
    public ImmutableSortedDictionary<int, string> Comments { get; }

    /// <summary>Whether some jump is longer than 16 bits can say, which needs kernel 6.6.</summary>
    public bool HasLongJumps => Instructions.Any(i => i.Opcode == BpfInstruction.LongJumpOpcode);

    /// <summary>How many calls of subprograms it holds.</summary>
    public int Calls => Instructions.Count(i => i.Opcode == BpfInstruction.CallOpcode && i.Source == BpfInstruction.PseudoCall);

    /// <summary>A stable listing with names in place of what is filled in at load time; for golden tests and <c>-p3</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"program {Name}: {Kind}{(IsSleepable ? " sleepable" : "")}\n");
        Dictionary<int, string> maps = Maps.ToDictionary(m => m.Index, m => m.Map);
        Dictionary<int, string> kernel = KernelFunctions.ToDictionary(k => k.Index, k => k.Function);
        foreach (KernelMemberReference member in KernelMembers)
            kernel.Add(member.Index, $"{member.Structure}.{member.Member}");
        Dictionary<int, Subprogram> functions = Subprograms.ToDictionary(s => s.Start);
        ReadOnlySpan<BpfInstruction> all = Instructions.AsSpan();
        for (int index = 0; index < all.Length; index += all[index].IsWide ? 2 : 1)
        {
            if (functions.TryGetValue(index, out Subprogram? function))
                text.Append(
                    CultureInfo.InvariantCulture, $"{function.Linkage} {function.Name}({string.Join(", ", function.Parameters)}):\n");
            if (Comments.TryGetValue(index, out string? comment))
                text.Append(CultureInfo.InvariantCulture, $"      ; {comment.ReplaceLineEndings(" ")}\n");
            text.Append(CultureInfo.InvariantCulture, $"{index,4}: {Line(all, index, maps, kernel, functions)}\n");
        }

        return text.ToString();
    }

    private static string Line(
        ReadOnlySpan<BpfInstruction> all,
        int index,
        Dictionary<int, string> maps,
        Dictionary<int, string> kernel,
        Dictionary<int, Subprogram> functions)
    {
        BpfInstruction i = all[index];
        if (maps.TryGetValue(index, out string? map))
        {
            string place = i.Source == BpfInstruction.PseudoMapValue ? $"map[{map}][0]+{(uint)all[index + 1].Immediate}" : $"map[{map}]";
            return $"({i.Opcode:x2}) r{(byte)i.Destination} = {place}";
        }

        if (kernel.TryGetValue(index, out string? name))
            return i.Opcode == BpfInstruction.CallOpcode
                ? $"({i.Opcode:x2}) call {name}" : $"({i.Opcode:x2}) r{(byte)i.Destination} += {name}";
        if (i.Opcode == BpfInstruction.CallOpcode && i.Source == BpfInstruction.PseudoCall
            && functions.TryGetValue(index + 1 + i.Immediate, out Subprogram? callee))
            return $"({i.Opcode:x2}) call {callee.Name}";
        if (i.IsWide && i.Source == BpfInstruction.PseudoFunction && functions.TryGetValue(index + 1 + i.Immediate, out callee))
            return $"({i.Opcode:x2}) r{(byte)i.Destination} = {callee.Name}";
        return BpfDisassembler.Format(all, index);
    }
}

/// <summary>A constant load whose value is a map, or an address in a map's only value; filled in at load time.</summary>
/// <param name="Index">The first slot of the load.</param>
/// <param name="Map">The map's name in its <see cref="MapSpec"/>.</param>
public readonly record struct MapReference(int Index, string Map);

/// <summary>A call of a kernel function (kfunc) by name; its BTF id is filled in at load time.</summary>
/// <param name="Index">The slot of the call.</param>
/// <param name="Function">The function's name, such as <c>bpf_preempt_disable</c>.</param>
public readonly record struct KernelFunctionReference(int Index, string Function);

/// <summary>
/// An addition of where a member lies in a structure of the kernel, or of its size; it is filled in at load time, from the kernel's types.
/// </summary>
/// <param name="Index">The slot of the addition.</param>
/// <param name="Structure">The structure's tag, such as <c>task_struct</c>.</param>
/// <param name="Member">The member, such as <c>real_parent</c>.</param>
/// <param name="IsSize">Bytes of the member, instead of those before it.</param>
public readonly record struct KernelMemberReference(int Index, string Structure, string Member, bool IsSize);
