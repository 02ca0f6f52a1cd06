using System.Collections.Immutable;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Programs;

public sealed partial class BpfAssembler
{
    /// <summary>Binds a label to an end that returns 0, and builds the program.</summary>
    /// <exception cref="BpfAssemblyException">As <see cref="Build"/>.</exception>
    public ProgramSpec BuildEndingAt(BpfLabel end)
    {
        Bind(end);
        Move(BpfRegister.R0, 0);
        Exit();
        return Build();
    }

    /// <summary>Works out all distances and returns the finished program. The assembler may be added to and built again.</summary>
    /// <exception cref="BpfAssemblyException">A label is not bound, a subprogram does not exist, or a function is empty.</exception>
    public ProgramSpec Build()
    {
        CheckFunctions();
        int[] starts = Layout();
        var code = ImmutableArray.CreateBuilder<BpfInstruction>(starts[^1]);
        var maps = ImmutableArray.CreateBuilder<MapReference>();
        var kernel = ImmutableArray.CreateBuilder<KernelFunctionReference>();
        var members = ImmutableArray.CreateBuilder<KernelMemberReference>();
        var comments = ImmutableSortedDictionary.CreateBuilder<int, string>();
        Dictionary<string, int> functions = _subprograms.ToDictionary(s => s.Name, s => starts[s.Item]);
        for (int n = 0; n < _items.Count; n++)
        {
            Item item = _items[n];
            int start = starts[n];
            if (item.Comment is not null)
                comments.Add(start, item.Comment);
            if (item.Map is not null)
                maps.Add(new MapReference(start, item.Map));
            if (item.KernelFunction is not null)
                kernel.Add(new KernelFunctionReference(start, item.KernelFunction));
            if (item.KernelMember is { } member)
                members.Add(new KernelMemberReference(start, member.Structure, member.Member, member.IsSize));
            Emit(code, item, start, starts, functions);
        }

        return new ProgramSpec(
            _name,
            _kind,
            IsSleepable || _kind == BpfProgramKind.Syscall,
            code.MoveToImmutable(),
            maps.ToImmutable(),
            kernel.ToImmutable(),
            members.ToImmutable(),
            [.. _subprograms.Select(s => new Subprogram(s.Name, starts[s.Item], s.Linkage, s.Parameters))],
            comments.ToImmutable());
    }

    private void CheckFunctions()
    {
        for (int n = 0; n < _subprograms.Count; n++)
        {
            int end = n + 1 < _subprograms.Count ? _subprograms[n + 1].Item : _items.Count;
            if (end == _subprograms[n].Item)
                throw new BpfAssemblyException($"function '{_subprograms[n].Name}' of '{_name}' is empty");
        }
    }

    /// <summary>
    /// The first slot of every item, and the number of slots at the end. Jumps start short; those that do not reach are made far, which
    /// moves others apart, until nothing changes. Each round makes at least one jump far, so it ends; in practice after one or two.
    /// </summary>
    private int[] Layout()
    {
        int[] starts = new int[_items.Count + 1];
        bool changed;
        do
        {
            changed = false;
            for (int n = 0; n < _items.Count; n++)
                starts[n + 1] = starts[n] + _items[n].Slots;
            for (int n = 0; n < _items.Count; n++)
            {
                Item item = _items[n];
                if (item.Label < 0 || item.Far || Distance(item, starts[n], starts) is >= short.MinValue and <= short.MaxValue)
                    continue;
                item.Far = true;
                changed = true;
            }
        }
        while (changed);
        return starts;
    }

    private int Distance(Item item, int start, int[] starts)
    {
        int target = _labels[item.Label];
        if (target < 0)
            throw new BpfAssemblyException($"label {item.Label} of '{_name}' is jumped to but not bound");
        if (target == _items.Count)
            throw new BpfAssemblyException($"label {item.Label} of '{_name}' is marked behind the last instruction");
        return starts[target] - (start + 1);
    }

    private void Emit(ImmutableArray<BpfInstruction>.Builder code, Item item, int start, int[] starts, Dictionary<string, int> functions)
    {
        BpfInstruction i = item.Instruction;
        if (item.Function is not null)
        {
            if (!functions.TryGetValue(item.Function, out int target))
                throw new BpfAssemblyException($"'{_name}' refers to a subprogram '{item.Function}' that does not exist");
            i = i.WithImmediate(target - (start + 1));
        }

        if (item.Label >= 0)
        {
            int distance = Distance(item, start, starts);
            if (!item.Far)
            {
                code.Add(new BpfInstruction(i.Opcode, i.Destination, i.Source, (short)distance, i.Immediate));
                return;
            }

            if (item.IsConditional)
            {
                code.Add(new BpfInstruction(i.Opcode, i.Destination, i.Source, 1, i.Immediate));
                code.Add(new BpfInstruction(BpfInstruction.JumpOpcode, BpfRegister.R0, 0, 1, 0));
                distance -= 2;
            }

            code.Add(new BpfInstruction(BpfInstruction.LongJumpOpcode, BpfRegister.R0, 0, 0, distance));
            return;
        }

        code.Add(i);
        if (i.IsWide)
            code.Add(new BpfInstruction(0, BpfRegister.R0, 0, 0, item.Upper));
    }
}
