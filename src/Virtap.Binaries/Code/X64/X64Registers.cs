using Iced.Intel;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.X64;

/// <summary>
/// General registers: their written names and those of their parts, Iced's names, the processor's numbers
/// (<see cref="CallingConvention.X64"/>).
/// </summary>
internal static class X64Registers
{
    private const int FirstNumbered = 8;

    // In DWARF's order, which is not that of the instruction encoding.
    private static readonly string[] s_words = ["ax", "dx", "cx", "bx", "si", "di", "bp", "sp"];

    /// <summary>The processor's number of a general register of any width; -1 for another kind.</summary>
    public static int NumberOf(Register register)
    {
        if (!register.IsGPR())
            return -1;
        return register.GetFullRegister() - Register.RAX;
    }

    /// <summary>Iced's name of a register.</summary>
    public static Register NameOf(RegisterValue register) => Register.RAX + CallingConvention.X64.NumberOf(register);

    /// <summary>Whether it is the second byte of a register: ah, ch, dh, bh.</summary>
    public static bool IsHighByte(Register register) => register is Register.AH or Register.CH or Register.DH or Register.BH;

    /// <summary>Finds a register.</summary>
    /// <param name="name">The name without <c>%</c>: <c>rax</c>, <c>r8d</c>, <c>ah</c>.</param>
    /// <param name="value">Its 64 bits; for the second byte of a register (<c>ah</c>), those that have it lowest.</param>
    /// <param name="width">Bytes that the name means: 1, 2, 4 or 8.</param>
    public static bool TryParse(ReadOnlySpan<char> name, out MachineExpression? value, out int width)
    {
        value = null;
        width = 0;
        if (name.Length is < 2 or > 4)
            return false;
        if (name[0] == 'r' && char.IsAsciiDigit(name[1]))
            return TryParseNumbered(name, out value, out width);

        for (int number = 0; number < s_words.Length; number++)
        {
            string word = s_words[number];
            MachineExpression register = ValueOf(number);
            if (name.EndsWith(word, StringComparison.Ordinal) && name.Length <= 3)
                width = name.Length == 2 ? 2 : name[0] switch { 'r' => 8, 'e' => 4, _ => 0 };
            else if (number < 4 ? name.Length == 2 && name[0] == word[0] && name[1] == 'l' : name.Length == 3
                && name.StartsWith(word, StringComparison.Ordinal) && name[2] == 'l')
                width = 1;
            else if (number < 4 && name.Length == 2 && name[0] == word[0] && name[1] == 'h')
                (width, register) = (1, new BinaryValue(MachineOperator.ShiftRightLogical, register, MachineExpression.Constant(8)));
            if (width == 0)
                continue;
            value = register;
            return true;
        }

        return false;
    }

    private static bool TryParseNumbered(ReadOnlySpan<char> name, out MachineExpression? value, out int width)
    {
        ReadOnlySpan<char> digits = name[1..].TrimEnd("dwbl");
        width = name[(1 + digits.Length)..] switch { "" => 8, "d" => 4, "w" => 2, "b" or "l" => 1, _ => 0 };
        bool found = width != 0 && digits.Length <= 2 && int.TryParse(digits, out int number) && number is >= FirstNumbered and <= 15
            && digits[0] != '0';
        value = found ? ValueOf(int.Parse(digits)) : null;
        return found;
    }

    private static RegisterValue ValueOf(int number) => new(new MachineRegister(Architecture.X64, number));
}
