using Iced.Intel;

namespace Virtap.Binaries.Machine.X64;

/// <summary>
/// Finds where a register or the flags got the value that they have before an instruction, on every way that leads there.
/// </summary>
internal sealed class X64Definitions(X64Function function, Func<Instruction, bool> returns)
{
    private const int MaxSteps = 4096;

    private readonly InstructionInfoFactory _information = new();

    /// <summary>The instructions that set the flags which <paramref name="index"/> sees; null where that is not certain.</summary>
    public List<int>? OfFlags(int index) => index > 0 && function.JumpsTo(index).IsEmpty && function[index - 1].Mnemonic is Mnemonic.Cmp or Mnemonic.Test
        ? [index - 1]
        : Find(index, instruction => instruction.RflagsModified != RflagsBits.None, survivesCalls: false);

    /// <summary>The instructions that set a register which <paramref name="index"/> sees; null where that is not certain.</summary>
    public List<int>? OfRegister(int index, Register register)
    {
        int number = X64Registers.NumberOf(register);
        return number < 0 ? null : Find(index, instruction => Writes(instruction, number), !X64Registers.CallerSaved.Contains(number));
    }

    private List<int>? Find(int index, Func<Instruction, bool> defines, bool survivesCalls)
    {
        List<int> found = [];
        HashSet<int> seen = [];
        Stack<int> before = new();
        before.Push(index);
        for (int steps = 0; before.TryPop(out int at); steps++)
        {
            if (steps > MaxSteps)
                return null;
            bool any = false;
            foreach (int jump in function.JumpsTo(at))
            {
                any = true;
                Visit(jump);
            }

            if (at > 0 && X64Function.FallsThrough(function[at - 1]) && (function[at - 1].FlowControl != FlowControl.Call || returns(function[at - 1])))
            {
                any = true;
                if (!survivesCalls && function[at - 1].FlowControl is FlowControl.Call or FlowControl.IndirectCall)
                    return null;
                Visit(at - 1);
            }

            // The beginning of the function, or code that is reached through a table; but padding is reached by nobody.
            if (!any && function[at].Mnemonic != Mnemonic.Nop)
                return null;
        }

        return found;

        void Visit(int at)
        {
            if (!seen.Add(at))
                return;
            if (defines(function[at]))
                found.Add(at);
            else
                before.Push(at);
        }
    }

    private bool Writes(in Instruction instruction, int number)
    {
        foreach (UsedRegister used in _information.GetInfo(instruction).GetUsedRegisters())
        {
            if (used.Access is not (OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess) && X64Registers.NumberOf(used.Register) == number)
                return true;
        }

        return false;
    }
}
