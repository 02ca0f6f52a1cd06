using System.Buffers;
using Iced.Intel;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Machine.X64;

/// <summary>
/// The decoded instructions of one function, and how control passes between them. Code is taken to lie without gaps from the first
/// byte on, as compilers write it.
/// </summary>
internal sealed class X64Function
{
    /// <summary>The largest function that is decoded, in bytes; QEMU's largest with a trace point has 14 kB.</summary>
    public const int MaxLength = 1 << 20;

    private const int None = -1;

    private readonly Instruction[] _instructions;
    private readonly int[] _byOffset;

    // The jumps to an instruction are those from its place in _firstJump up to the next one's.
    private readonly int[] _firstJump;
    private readonly int[] _jumps;
    private readonly Dictionary<int, IReadOnlyList<int>> _tables = [];

    private X64Function(ulong start, Instruction[] instructions, int length, ElfFile? file)
    {
        Start = start;
        Length = length;
        _instructions = instructions;
        _byOffset = new int[length];
        Array.Fill(_byOffset, None);
        for (int at = 0; at < instructions.Length; at++)
            _byOffset[instructions[at].IP - start] = at;

        List<(int Target, int Jump)> jumps = FindJumps(file);
        _firstJump = new int[instructions.Length + 1];
        foreach ((int target, _) in jumps)
            _firstJump[target + 1]++;
        for (int at = 0; at < instructions.Length; at++)
            _firstJump[at + 1] += _firstJump[at];
        _jumps = new int[jumps.Count];
        int[] next = _firstJump[..^1];
        foreach ((int target, int jump) in jumps)
            _jumps[next[target]++] = jump;
    }

    /// <summary>Address of the first byte.</summary>
    public ulong Start { get; }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    public int Count => _instructions.Length;

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

    /// <summary>The instruction that begins at an address; -1 where none does.</summary>
    public int IndexOf(ulong address) => address - Start < (ulong)_byOffset.Length ? _byOffset[address - Start] : None;

    /// <summary>A jump whose target is in the instruction, with or without a condition.</summary>
    public static bool IsDirectJump(in Instruction instruction) => instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch
        && instruction.Op0Kind == OpKind.NearBranch64;

    /// <summary>Whether the next instruction may follow this one.</summary>
    public static bool FallsThrough(in Instruction instruction) => instruction.FlowControl is FlowControl.Next or FlowControl.ConditionalBranch
        or FlowControl.Call or FlowControl.IndirectCall;

    /// <summary>The jumps of this function that lead to an instruction, those by way of a table included.</summary>
    public ReadOnlySpan<int> JumpsTo(int index) => _jumps.AsSpan(_firstJump[index].._firstJump[index + 1]);

    /// <summary>Where a jump by way of a table leads; empty where that is not known.</summary>
    public IReadOnlyList<int> TargetsOf(int jump) => _tables.GetValueOrDefault(jump, []);

    private List<(int Target, int Jump)> FindJumps(ElfFile? file)
    {
        List<(int Target, int Jump)> jumps = [];
        X64JumpTables? tables = null;
        for (int at = 0; at < _instructions.Length; at++)
        {
            ref readonly Instruction instruction = ref _instructions[at];
            switch (instruction.FlowControl)
            {
                case FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch:
                    if (instruction.Op0Kind == OpKind.NearBranch64 && IndexOf(instruction.NearBranch64) is >= 0 and int target)
                        jumps.Add((target, at));
                    break;
                case FlowControl.IndirectBranch when file is not null:
                    tables ??= new X64JumpTables(file, this);
                    IReadOnlyList<int> targets = tables.TargetsOf(at);
                    _tables[at] = targets;
                    foreach (int label in targets)
                        jumps.Add((label, at));
                    break;
            }
        }

        return jumps;
    }
}
