using Iced.Intel;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Machine.X64;

/// <summary>
/// What is known of functions that are called: names (the program's own that it exports, and those of libraries by way of the linkage table), and whether
/// they come back.
/// </summary>
internal sealed class X64Symbols(ElfFile file, FunctionRanges ranges)
{
    private const int MaxStub = 16;
    private const int MaxExamined = 1024;
    private const int MaxDepth = 8;

    /// <summary>Functions of libraries that never come back: what follows a call to one belongs to somebody else.</summary>
    private static readonly HashSet<string> NoReturn =
    [
        "__stack_chk_fail", "abort", "exit", "_exit", "_Exit", "__assert_fail", "__assert_perror_fail", "g_assertion_message", "g_assertion_message_expr",
        "g_assertion_message_cmpnum", "g_assertion_message_cmpint", "g_assertion_message_cmpstr", "g_assertion_message_error", "longjmp", "siglongjmp",
        "_longjmp", "__longjmp_chk", "__fortify_fail", "__chk_fail", "pthread_exit",
    ];

    private readonly Dictionary<ulong, bool> _returns = [];
    private readonly X64LinkageTable _linkage = new(file);
    private readonly Dictionary<ulong, string?> _names = [];

    /// <summary>The name of the function at an address; null where it has none.</summary>
    public string? NameOf(ulong address)
    {
        if (!_names.TryGetValue(address, out string? name))
            _names[address] = name = Find(address);
        return name;
    }

    /// <summary>Whether a call may come back.</summary>
    public bool Returns(in Instruction call) => Returns(call, 0);

    private bool Returns(in Instruction call, int depth)
    {
        if (call.Op0Kind != OpKind.NearBranch64 || depth > MaxDepth)
            return true;
        ulong target = call.NearBranchTarget;
        if (!_returns.TryGetValue(target, out bool returns))
        {
            // While it is being looked at, a function that calls itself is taken to come back.
            _returns[target] = true;
            _returns[target] = returns = ranges.TryFind(target, out ulong start, out int length) && start == target
                ? length > MaxExamined || MayReturn(start, file.BytesAt(start, length), depth)
                : NameOf(target) is not { } name || !NoReturn.Contains(name);
        }

        return returns;
    }

    /// <summary>Whether a function has a way out: a return, or a jump to elsewhere in place of one.</summary>
    private bool MayReturn(ulong start, ReadOnlySpan<byte> code, int depth)
    {
        var decoder = Decoder.Create(64, code.ToArray(), start);
        ulong end = start + (ulong)code.Length;
        Instruction last = default;
        while (decoder.IP < end)
        {
            decoder.Decode(out Instruction instruction);
            bool leaves = instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch && instruction.NearBranchTarget - start >= (ulong)code.Length;
            if (leaves || instruction.FlowControl is FlowControl.Return or FlowControl.IndirectBranch)
                return true;
            if (instruction.Mnemonic != Mnemonic.Nop)
                last = instruction;
        }

        return last.FlowControl != FlowControl.Call || Returns(last, depth + 1);
    }

    private string? Find(ulong address)
    {
        // An entry of the linkage table jumps to the address in a word that the dynamic linker fills in for a symbol. Looked at first: the
        // index of the program's own functions takes longer to build.
        ReadOnlySpan<byte> stub = file.BytesAt(address, MaxStub);
        var decoder = Decoder.Create(64, stub.ToArray(), address);
        for (int count = 0; count < 2 && decoder.IP < address + (ulong)stub.Length; count++)
        {
            decoder.Decode(out Instruction instruction);
            if (instruction.FlowControl == FlowControl.IndirectBranch && instruction.IsIPRelativeMemoryOperand)
                return _linkage.NameIn(instruction.IPRelativeMemoryAddress);
        }

        return file.DynamicSymbols.TryFindFunction(address, out ElfSymbol function) && function.Address == address ? function.Name : null;
    }
}
