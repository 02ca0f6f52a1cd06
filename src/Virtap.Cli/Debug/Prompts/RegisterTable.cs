using System.Globalization;
using Virtap.Binaries;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Registers with their values, in gdb's text.</summary>
internal sealed class RegisterTable(DebugSession session, MemoryView memory)
{
    // In the order in which debuggers list them, with DWARF's numbers.
    private static readonly (string Name, int Number)[] s_registers =
    [
        ("rax", 0), ("rbx", 3), ("rcx", 2), ("rdx", 1), ("rsi", 4), ("rdi", 5), ("rbp", 6), ("rsp", 7), ("r8", 8), ("r9", 9), ("r10", 10),
        ("r11", 11), ("r12", 12), ("r13", 13), ("r14", 14), ("r15", 15), ("rip", 16),
    ];

    // What the kernel hands out beside those, by its place in struct user_regs_struct.
    private static readonly (string Name, int Word)[] s_special =
        [("eflags", 18), ("cs", 17), ("ss", 20), ("ds", 23), ("es", 24), ("fs", 25), ("gs", 26), ("fs_base", 21), ("gs_base", 22)];

    /// <summary>A register by its number in DWARF.</summary>
    public static string NameOf(int number) => HostArchitecture.Current == Architecture.X64
        ? Array.Find(s_registers, each => each.Number == number).Name ?? Figures.Invariant($"r{number}")
        : number switch { 32 => "pc", 31 => "sp", _ => Figures.Invariant($"x{number}") };

    /// <summary><c>info registers</c>.</summary>
    /// <param name="frame">Of which frame.</param>
    /// <param name="subject">Which of them; empty for all.</param>
    public void Show(DebugFrame frame, string subject)
    {
        string[] wanted = subject.Replace("$", "", StringComparison.Ordinal).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        bool any = false;
        for (int number = 0; number < frame.Physical.Registers.Count; number++)
        {
            int register = HostArchitecture.Current == Architecture.X64 ? s_registers[number].Number : number;
            string name = NameOf(register);
            string common = name switch { "rip" => "pc", "rsp" => "sp", "rbp" => "fp", _ => name };
            if (wanted.Length > 0 && !wanted.Contains(name) && !wanted.Contains(common))
                continue;
            any = true;
            if (frame.Physical.Registers[register] is not ulong value)
                WriteLine($"{name,-15}<not saved>");
            else
                WriteLine($"{name,-15}{Figures.Invariant($"0x{value:x}"),-20}{Natural(name, value)}");
        }

        // Nobody saves those on the stack: they are the same in all frames.
        foreach ((string name, int word) in HostArchitecture.Current == Architecture.X64 ? s_special : [])
        {
            if ((wanted.Length > 0 && !wanted.Contains(name)) || session.Kernel?.Word(word) is not ulong value)
                continue;
            any = true;
            string natural = name == "eflags" ? Flags(value) : ((long)value).ToString(CultureInfo.InvariantCulture);
            WriteLine($"{name,-15}{Figures.Invariant($"0x{value:x}"),-20}{natural}");
        }

        if (!any)
            throw new PromptException($"Invalid register `{subject}'");
    }

    private string Natural(string name, ulong value) => name switch
    {
        "rip" or "pc" => Figures.Invariant($"0x{value:x} {memory.SymbolAt(value)}").TrimEnd(),
        "rsp" or "rbp" or "sp" => Figures.Invariant($"0x{value:x}"),
        _ => ((long)value).ToString(CultureInfo.InvariantCulture),
    };

    private static string Flags(ulong value)
    {
        (int Bit, string Name)[] flags =
            [(0, "CF"), (2, "PF"), (4, "AF"), (6, "ZF"), (7, "SF"), (8, "TF"), (9, "IF"), (10, "DF"), (11, "OF")];
        return $"[ {string.Concat(flags.Where(each => (value >> each.Bit & 1) != 0).Select(static each => each.Name + " "))}]";
    }
}
