using System.Collections.Immutable;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Programs;

/// <summary>
/// Builds a <see cref="ProgramSpec"/>, an instruction per call, in order. The program's own function comes first, then its subprograms,
/// each opened by <see cref="BeginSubprogram"/>. Labels and subprograms may be named before they exist. Distances are worked out in <see
/// cref="Build"/>; a jump too far for 16 bits becomes a long one (kernel 6.6).
/// </summary>
public sealed partial class BpfAssembler
{
    private readonly string _name;
    private readonly BpfProgramKind _kind;
    private readonly List<Item> _items = [];
    private readonly List<int> _labels = []; // item index, or -1 while unmarked
    private readonly Dictionary<int, int> _jumpedTo = []; // labels, and the most branches on a way to their jumps
    private readonly List<PendingSubprogram> _subprograms = [];
    private string? _comment;

    /// <summary>Starts a program; the context is in R1.</summary>
    /// <param name="name">Its name; shown by bpftool, cut to 15 characters there.</param>
    /// <param name="kind">What it will be attached to.</param>
    public BpfAssembler(string name, BpfProgramKind kind)
    {
        _name = name;
        _kind = kind;
        _subprograms.Add(new PendingSubprogram(name, 0, SubprogramLinkage.Global, [SubprogramParameter.Context]));
    }

    /// <summary>Makes a user-space probe sleepable (6.0): it may call bpf_copy_from_user, but not while preemption is off.</summary>
    public bool IsSleepable { get; set; }

    /// <summary>
    /// Leaves out instructions that nothing leads to, which the verifier would refuse: those behind an unconditional jump or an exit, up
    /// to the next label that was jumped to. For generators whose jumps go forward.
    /// </summary>
    public bool DropsUnreachable { get; init; }

    /// <summary>Whether the next instruction can be reached, as far as <see cref="DropsUnreachable"/> looks.</summary>
    public bool IsReachable { get; private set; } = true;

    /// <summary>Instructions given so far (a constant load counts once).</summary>
    public int Count => _items.Count;

    /// <summary>
    /// The conditional jumps on the longest way to here, from the start of the function or the last label of <see cref="NewTarget"/> on
    /// it: the verifier remembers the other side of each until a way has come to its end. For generators whose jumps go forward.
    /// </summary>
    public int Branches { get; private set; }

    /// <summary>Attaches a comment to the next instruction, for listings. Several are joined.</summary>
    public void Comment(string text) => _comment = _comment is null ? text : $"{_comment}; {text}";

    /// <summary>Makes a label, not bound yet.</summary>
    public BpfLabel NewLabel()
    {
        _labels.Add(-1);
        return new BpfLabel(_labels.Count - 1);
    }

    /// <summary>Makes a label that is reachable wherever it is marked: the jump to it will be given later.</summary>
    public BpfLabel NewTarget()
    {
        BpfLabel label = NewLabel();
        _jumpedTo.Add(label.Id, 0);
        return label;
    }

    /// <summary>Puts a label before the next instruction.</summary>
    /// <exception cref="BpfAssemblyException">It is bound already.</exception>
    public void Bind(BpfLabel label)
    {
        if (_labels[label.Id] >= 0)
            throw new BpfAssemblyException($"label {label.Id} of '{_name}' is bound twice");
        _labels[label.Id] = _items.Count;
        Branches = Math.Max(IsReachable ? Branches : 0, _jumpedTo.GetValueOrDefault(label.Id));
        IsReachable |= _jumpedTo.ContainsKey(label.Id);
    }

    /// <summary>Makes a label at the next instruction, for jumps backward.</summary>
    public BpfLabel MarkNew()
    {
        BpfLabel label = NewLabel();
        Bind(label);
        return label;
    }

    /// <summary>Ends the current function and begins another; its arguments are in R1-R5.</summary>
    /// <param name="name">Its name, for <see cref="CallFunction"/> and <see cref="LoadFunction"/>.</param>
    /// <param name="linkage">Static for callbacks.</param>
    /// <param name="parameters">At most five.</param>
    /// <exception cref="BpfAssemblyException">The name is taken, or there are more than five parameters.</exception>
    public void BeginSubprogram(string name, SubprogramLinkage linkage, params ReadOnlySpan<SubprogramParameter> parameters)
    {
        if (_subprograms.Exists(s => s.Name == name))
            throw new BpfAssemblyException($"subprogram '{name}' of '{_name}' exists already");
        if (parameters.Length > 5)
            throw new BpfAssemblyException($"subprogram '{name}' of '{_name}' has more than five parameters");
        _subprograms.Add(new PendingSubprogram(name, _items.Count, linkage, [.. parameters]));
        IsReachable = true;
        Branches = 0;
    }

    private void Add(byte opcode, BpfRegister destination, byte source, int offset, int immediate, int label = -1)
    {
        if (offset is < short.MinValue or > short.MaxValue)
            throw new BpfAssemblyException($"offset {offset} in '{_name}' does not fit 16 bits");
        Add(new Item { Instruction = new BpfInstruction(opcode, destination, source, (short)offset, immediate), Label = label });
    }

    private void Add(Item item)
    {
        if (DropsUnreachable && !IsReachable)
            return;
        item.Comment = _comment;
        _comment = null;
        _items.Add(item);
        if (item.IsConditional)
            Branches++;
        if (item.Label >= 0)
            _jumpedTo[item.Label] = Math.Max(Branches, _jumpedTo.GetValueOrDefault(item.Label));
        if (item.Instruction.Opcode is BpfInstruction.JumpOpcode or BpfInstruction.ExitOpcode)
            IsReachable = false;
    }

    /// <summary>One instruction before layout.</summary>
    private sealed class Item
    {
        public required BpfInstruction Instruction { get; init; }

        /// <summary>The upper half of a constant load.</summary>
        public int Upper { get; init; }

        public int Label { get; init; } = -1;

        public string? Map { get; init; }

        public string? Function { get; init; }

        public string? KernelFunction { get; init; }

        public (string Structure, string Member, bool IsSize)? KernelMember { get; init; }

        public string? Comment { get; set; }

        /// <summary>Set by the layout when the target is out of reach of 16 bits.</summary>
        public bool Far { get; set; }

        public bool IsConditional => Label >= 0 && Instruction.Opcode != BpfInstruction.JumpOpcode;

        /// <summary>
        /// A far conditional jump is three slots: <c>if c goto +1; goto +1; gotol target</c>, because not every condition has an opposite.
        /// </summary>
        public int Slots => Instruction.IsWide ? 2 : Far && IsConditional ? 3 : 1;
    }

    private sealed record PendingSubprogram(
        string Name, int Item, SubprogramLinkage Linkage, ImmutableArray<SubprogramParameter> Parameters);
}

/// <summary>
/// A place in a program under construction, made by <see cref="BpfAssembler.NewLabel"/>; jumps may name it before it is marked.
/// </summary>
/// <param name="Id">Its number within the assembler.</param>
public readonly record struct BpfLabel(int Id);
