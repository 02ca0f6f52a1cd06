using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Evaluation;

/// <summary>Registers of x86-64 by the names and with the types that gdb gives them.</summary>
internal static class Registers
{
    private const int StackPointer = 7, FramePointer = 6, InstructionPointer = 16;

    /// <summary>In the order of DWARF's numbers.</summary>
    private static readonly string[] s_names =
        ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip"];

    private static readonly CType s_int = new TypedefType("int32_t", BuiltInTypes.Int);
    private static readonly CType s_long = new TypedefType("int64_t", BuiltInTypes.Long);

    /// <summary>The names of those that hold a whole word.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>A register's value; null where there is none of this name, or it is not known in the frame.</summary>
    public static Value? Find(RegisterValues registers, string name, TargetMemory memory)
    {
        int number = name switch
        {
            "pc" => InstructionPointer,
            "sp" => StackPointer,
            "fp" => FramePointer,
            _ => Array.IndexOf(s_names, name),
        };
        if (number >= 0)
            return registers[number] is ulong whole ? Value.Of(TypeOf(number), BitConverter.GetBytes(whole), memory) : null;
        // The lower half of each, as int.
        int half = name switch
        {
            ['e', .. var rest] => Array.IndexOf(s_names, "r" + rest),
            ['r', .. var digits, 'd'] when digits.All(char.IsAsciiDigit) => Array.IndexOf(s_names, "r" + digits),
            _ => -1,
        };
        return half >= 0 && registers[half] is ulong value ? Value.Of(s_int, BitConverter.GetBytes(value), memory) : null;
    }

    private static CType TypeOf(int number) => number switch
    {
        InstructionPointer => BuiltInTypes.CodePointer,
        StackPointer or FramePointer => BuiltInTypes.DataPointer,
        _ => s_long,
    };
}
