using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Paths;

/// <summary>
/// What is known of functions that are called: names (the program's own that it exports, and those of libraries by way of the linkage
/// table), and whether they come back.
/// </summary>
internal sealed class CalledFunctions(ElfFile file, FunctionRanges ranges, InstructionSet instructions, GlobalOffsetTable linkage)
{
    private const int MaxStub = 32;
    private const int MaxExamined = 1024;
    private const int MaxDepth = 8;

    /// <summary>Functions of libraries that never come back: what follows a call to one belongs to somebody else.</summary>
    private static readonly HashSet<string> NoReturn =
    [
        "__stack_chk_fail", "abort", "exit", "_exit", "_Exit", "__assert_fail", "__assert_perror_fail", "g_assertion_message",
        "g_assertion_message_expr",
        "g_assertion_message_cmpnum", "g_assertion_message_cmpint", "g_assertion_message_cmpstr", "g_assertion_message_error", "longjmp",
        "siglongjmp",
        "_longjmp", "__longjmp_chk", "__fortify_fail", "__chk_fail", "pthread_exit",
    ];

    private readonly Dictionary<ulong, bool> _returns = [];
    private readonly Dictionary<ulong, string?> _names = [];

    /// <summary>The name of the function at an address; null where it has none.</summary>
    public string? NameOf(ulong address)
    {
        if (!_names.TryGetValue(address, out string? name))
            _names[address] = name = Find(address);
        return name;
    }

    /// <summary>Whether a call may come back.</summary>
    public bool Returns(Flow call) => Returns(call, 0);

    private bool Returns(Flow call, int depth)
    {
        if (call.Target == 0 || depth > MaxDepth)
            return true;
        if (!_returns.TryGetValue(call.Target, out bool returns))
        {
            // While it is being looked at, a function that calls itself is taken to come back.
            _returns[call.Target] = true;
            _returns[call.Target] = returns = ranges.TryFind(call.Target, out ulong start, out int length) && start == call.Target
                ? length > MaxExamined || MayReturn(instructions.Decode(start, file.BytesAt(start, length), null), depth)
                : NameOf(call.Target) is not { } name || !NoReturn.Contains(name);
        }

        return returns;
    }

    /// <summary>Whether a function has a way out: a return, or a jump to elsewhere in place of one.</summary>
    private bool MayReturn(DecodedFunction function, int depth)
    {
        Flow last = default;
        for (int at = 0; at < function.Count; at++)
        {
            Flow flow = function.FlowOf(at);
            if (flow.Kind is FlowKind.Return or FlowKind.IndirectJump || (flow.IsDirectJump && function.IndexOf(flow.Target) < 0))
                return true;
            if (!function.IsPadding(at))
                last = flow;
        }

        return last.Kind != FlowKind.Call || Returns(last, depth + 1);
    }

    /// <summary>
    /// An entry of the linkage table jumps to the address in a word that the dynamic linker fills in for a symbol. Looked at first: the
    /// index of the program's own functions takes longer to build.
    /// </summary>
    private string? Find(ulong address)
    {
        DecodedFunction stub = instructions.Decode(address, file.BytesAt(address, MaxStub), null);
        var machine = SymbolicMachine.OfImage(instructions.Convention, linkage, new FunctionEffects());
        for (int at = 0; at < stub.Count; at++)
        {
            FlowKind kind = stub.FlowOf(at).Kind;
            if (kind == FlowKind.IndirectJump
                && stub.AddressJumpedTo(at, machine).Expression is LoadValue { Address: ImageAddress { Address: var word } })
                return linkage.NameIn(word);
            if (kind != FlowKind.Next)
                break;
            stub.Step(at, machine);
        }

        return file.DynamicSymbols.TryFindFunction(address, out ElfSymbol function) && function.Address == address ? function.Name : null;
    }
}
