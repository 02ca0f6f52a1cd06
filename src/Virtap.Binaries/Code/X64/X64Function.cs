using System.Buffers;
using Iced.Intel;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.X64;

/// <summary>A function of x86-64, decoded by Iced.</summary>
internal sealed class X64Function : DecodedFunction
{
    private const int None = -1;

    private readonly ulong _start;
    private readonly Instruction[] _instructions;
    private readonly int[] _byOffset;
    private readonly X64JumpTables? _tables;

    private X64Function(ulong start, Instruction[] instructions, int length, ElfFile? file)
    {
        _start = start;
        _instructions = instructions;
        _byOffset = new int[length];
        Array.Fill(_byOffset, None);
        for (int at = 0; at < instructions.Length; at++)
            _byOffset[instructions[at].IP - start] = at;
        _tables = file is null ? null : new X64JumpTables(file, this);
    }

    /// <inheritdoc/>
    public override int Count => _instructions.Length;

    public ref readonly Instruction this[int index] => ref _instructions[index];

    /// <summary>Decodes a function.</summary>
    /// <param name="start">Its link-time address.</param>
    /// <param name="code">Its bytes.</param>
    /// <param name="file">The file, for the tables by which it jumps; null if those do not matter.</param>
    public static X64Function Decode(ulong start, ReadOnlySpan<byte> code, ElfFile? file)
    {
        byte[] bytes = code[..Math.Min(code.Length, MaxLength)].ToArray();
        var decoder = Decoder.Create(64, bytes, start);
        Instruction[] buffer = ArrayPool<Instruction>.Shared.Rent(bytes.Length);
        int count = 0;
        for (ulong end = start + (ulong)bytes.Length; decoder.IP < end; count++)
            decoder.Decode(out buffer[count]);
        Instruction[] instructions = buffer[..count];
        ArrayPool<Instruction>.Shared.Return(buffer);
        return new X64Function(start, instructions, bytes.Length, file);
    }

    /// <inheritdoc/>
    public override ulong AddressOf(int index) => _instructions[index].IP;

    /// <inheritdoc/>
    public override int IndexOf(ulong address) => address - _start < (ulong)_byOffset.Length ? _byOffset[address - _start] : None;

    /// <inheritdoc/>
    public override Flow FlowOf(int index)
    {
        ref readonly Instruction instruction = ref _instructions[index];
        return instruction.FlowControl switch
        {
            FlowControl.Next => new Flow(FlowKind.Next, 0),
            FlowControl.UnconditionalBranch => new Flow(FlowKind.Jump, instruction.NearBranchTarget),
            FlowControl.ConditionalBranch => new Flow(FlowKind.ConditionalJump, instruction.NearBranchTarget),
            FlowControl.IndirectBranch => new Flow(FlowKind.IndirectJump, 0),
            FlowControl.Call or FlowControl.IndirectCall => new Flow(FlowKind.Call, instruction.NearBranchTarget),
            FlowControl.Return => new Flow(FlowKind.Return, 0),
            _ => new Flow(FlowKind.End, 0),
        };
    }

    /// <inheritdoc/>
    public override bool IsPadding(int index) => _instructions[index].Mnemonic == Mnemonic.Nop;

    /// <inheritdoc/>
    public override void Step(int index, SymbolicMachine machine)
    {
        if (_instructions[index].FlowControl == FlowControl.Next)
            new X64Semantics(machine).Step(_instructions[index]);
    }

    /// <inheritdoc/>
    public override JumpTest TestOf(int jump) => new(X64Semantics.ConditionOf(_instructions[jump].ConditionCode));

    /// <inheritdoc/>
    public override SymbolicValue AddressJumpedTo(int jump, SymbolicMachine machine) =>
        new X64Semantics(machine).Read(_instructions[jump], 0);

    /// <inheritdoc/>
    protected override IReadOnlyList<int> ReadTable(int jump) => _tables?.TargetsOf(jump) ?? [];
}
