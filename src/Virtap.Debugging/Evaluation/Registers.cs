using System.Globalization;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Evaluation;

/// <summary>Registers by the names and with the types that gdb gives them.</summary>
internal static class Registers
{
    private const int LinkRegister = 30;

    /// <summary>In the order of DWARF's numbers.</summary>
    private static readonly string[] s_namesX64 =
        ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip"];

    private static readonly string[] s_namesArm64 =
        [.. Enumerable.Range(0, 31).Select(static number => "x" + number.ToString(CultureInfo.InvariantCulture)), "sp", "pc"];

    private static readonly CType s_int = new TypedefType("int32_t", BuiltInTypes.Int);
    private static readonly CType s_long = new TypedefType("int64_t", BuiltInTypes.Long);

    /// <summary>The names of those that hold a whole word.</summary>
    public static IReadOnlyList<string> Names(Architecture architecture) =>
        architecture == Architecture.X64 ? s_namesX64 : s_namesArm64;

    /// <summary>A register's value; null where there is none of this name, or it is not known in the frame.</summary>
    public static Value? Find(RegisterValues registers, string name, TargetMemory memory)
    {
        bool isX64 = registers.Architecture == Architecture.X64;
        string[] names = isX64 ? s_namesX64 : s_namesArm64;
        int number = name switch
        {
            "pc" => registers.InstructionPointerNumber,
            "sp" => registers.StackPointerNumber,
            "fp" => registers.FramePointerNumber,
            "lr" when !isX64 => LinkRegister,
            _ => Array.IndexOf(names, name),
        };
        if (number >= 0)
            return registers[number] is ulong whole
                ? Value.Of(TypeOf(registers, number), BitConverter.GetBytes(whole), memory) : null;
        // The lower half of each, as int.
        int half = name switch
        {
            ['e', .. var rest] when isX64 => Array.IndexOf(names, "r" + rest),
            ['r', .. var digits, 'd'] when isX64 && digits.All(char.IsAsciiDigit) => Array.IndexOf(names, "r" + digits),
            ['w', .. var digits] when !isX64 => Array.IndexOf(names, "x" + digits),
            _ => -1,
        };
        return half >= 0 && registers[half] is ulong value ? Value.Of(s_int, BitConverter.GetBytes(value), memory) : null;
    }

    private static CType TypeOf(RegisterValues registers, int number)
    {
        if (number == registers.InstructionPointerNumber)
            return BuiltInTypes.CodePointer;
        // x29 is a number like the others; only a convention has it point at the frame.
        bool isPointer = number == registers.StackPointerNumber
            || (number == registers.FramePointerNumber && registers.Architecture == Architecture.X64);
        return isPointer ? BuiltInTypes.DataPointer : s_long;
    }
}
