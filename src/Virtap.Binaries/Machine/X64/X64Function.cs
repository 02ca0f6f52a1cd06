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
    private readonly List<int>?[] _jumps;
    private readonly Dictionary<int, IReadOnlyList<int>> _tables = [];

    private X64Function(ulong start, Instruction[] instructions, int length)
    {
        Start = start;
        Length = length;
        _instructions = instructions;
        _byOffset = new int[length];
        Array.Fill(_byOffset, None);
        for (int at = 0; at < instructions.Length; at++)
            _byOffset[instructions[at].IP - start] = at;
        _jumps = new List<int>?[instructions.Length];
        for (int at = 0; at < instructions.Length; at++)
        {
            if (IsDirectJump(instructions[at]) && IndexOf(instructions[at].NearBranchTarget) is >= 0 and int target)
                (_jumps[target] ??= []).Add(at);
        }
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
        List<Instruction> instructions = new(bytes.Length / 4);
        ulong end = start + (ulong)bytes.Length;
        while (decoder.IP < end)
        {
            decoder.Decode(out Instruction instruction);
            instructions.Add(instruction);
        }

        var function = new X64Function(start, [.. instructions], bytes.Length);
        if (file is not null)
            function.FollowTables(new X64JumpTables(file, function));
        return function;
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
    public IReadOnlyList<int> JumpsTo(int index) => _jumps[index] ?? (IReadOnlyList<int>)[];

    /// <summary>Where a jump by way of a table leads; empty where that is not known.</summary>
    public IReadOnlyList<int> TargetsOf(int jump) => _tables.GetValueOrDefault(jump, []);

    private void FollowTables(X64JumpTables tables)
    {
        for (int at = 0; at < _instructions.Length; at++)
        {
            if (_instructions[at].FlowControl != FlowControl.IndirectBranch)
                continue;
            IReadOnlyList<int> targets = tables.TargetsOf(at);
            _tables[at] = targets;
            foreach (int target in targets)
                (_jumps[target] ??= []).Add(at);
        }
    }
}
