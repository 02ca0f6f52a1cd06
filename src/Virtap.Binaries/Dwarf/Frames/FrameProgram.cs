using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>What frames share (CIE).</summary>
internal sealed record FrameRules(
    ulong CodeStep, long DataStep, int ReturnRegister, int AddressEncoding, bool HasAugmentation, bool IsSignalFrame, int Instructions,
    int Next, int AddressSize);

/// <summary>
/// Runs call frame instructions (DWARF 5, 6.4.2) up to an address. Registers that are no general ones are passed over; the number of
/// steps and of remembered states is bounded.
/// </summary>
internal sealed class FrameProgram(FrameSection section, FrameRules rules, ulong wanted)
{
    private const int MaxSteps = 1 << 16, MaxRemembered = 64, Registers = 33;

    private readonly Stack<(CfaRule Cfa, RegisterRule[] Rules)> _remembered = [];
    private CfaRule _cfa = CfaRule.Unknown;
    private RegisterRule[] _rules = new RegisterRule[Registers];
    private RegisterRule[] _initial = [];

    /// <summary>Runs what frames share, and then a frame's own.</summary>
    /// <param name="start">Where the frame's code begins.</param>
    /// <param name="from">Its first instruction, by its place in the section.</param>
    /// <param name="to">Behind its last.</param>
    public UnwindRow Run(ulong start, int from, int to)
    {
        Run(start, rules.Instructions, rules.Next, isShared: true);
        _initial = [.. _rules];
        Run(start, from, to, isShared: false);
        return new UnwindRow { Cfa = _cfa, Rules = _rules, ReturnRegister = rules.ReturnRegister, IsSignalFrame = rules.IsSignalFrame };
    }

    private void Run(ulong at, int from, int to, bool isShared)
    {
        if (from >= to)
            return;
        var reader = new DwarfReader(section.Bytes[..to], from);
        for (int step = 0; step < MaxSteps && !reader.AtEnd; step++)
        {
            byte code = reader.Byte();
            int low = code & 0x3f;
            ulong next = at;
            switch (code >> 6)
            {
                case 1:
                    next = at + ((ulong)low * rules.CodeStep);
                    break;
                case 2:
                    Set(low, new RegisterRule(RegisterRuleKind.Saved, (long)reader.Unsigned() * rules.DataStep));
                    break;
                case 3:
                    Restore(low);
                    break;
                default:
                    next = RunExtended(low, ref reader, at);
                    break;
            }

            // What frames share holds for all of them, wherever their code is.
            if (next > wanted && !isShared)
                return;
            at = next;
        }
    }

    private ulong RunExtended(int code, ref DwarfReader reader, ulong at)
    {
        switch (code)
        {
            case 0x01:
                return section.ReadPointer(ref reader, rules.AddressEncoding, rules.AddressSize, at);
            case 0x02:
                return at + (reader.Fixed(1) * rules.CodeStep);
            case 0x03:
                return at + (reader.Fixed(2) * rules.CodeStep);
            case 0x04:
                return at + (reader.Fixed(4) * rules.CodeStep);
            case 0x0a:
                if (_remembered.Count < MaxRemembered)
                    _remembered.Push((_cfa, [.. _rules]));
                break;
            case 0x0b:
                if (_remembered.TryPop(out (CfaRule Cfa, RegisterRule[] Rules) saved))
                    (_cfa, _rules) = saved;
                break;
            case 0x0c or 0x0d or 0x0e or 0x0f or 0x12 or 0x13:
                _cfa = ReadCfa(code, ref reader);
                break;
            default:
                RunRule(code, ref reader);
                break;
        }

        return at;
    }

    private CfaRule ReadCfa(int code, ref DwarfReader reader) => code switch
    {
        0x0c => new CfaRule(RegisterOf(reader.Unsigned()), (long)reader.Unsigned(), default),
        0x0d => new CfaRule(RegisterOf(reader.Unsigned()), _cfa.Offset, default),
        0x0e => _cfa with { Offset = (long)reader.Unsigned() },
        0x0f => new CfaRule(-1, 0, Block(ref reader)),
        0x12 => new CfaRule(RegisterOf(reader.Unsigned()), reader.Signed() * rules.DataStep, default),
        _ => _cfa with { Offset = reader.Signed() * rules.DataStep },
    };

    /// <summary>Rules of registers; what takes no operand and means nothing here (no operation, pointer signing) is passed over.</summary>
    private void RunRule(int code, ref DwarfReader reader)
    {
        if (code is not ((>= 0x05 and <= 0x09) or 0x10 or 0x11 or (>= 0x14 and <= 0x16) or 0x2e or 0x2f))
            return;
        ulong register = reader.Unsigned();
        switch (code)
        {
            case 0x05:
                Set(register, new RegisterRule(RegisterRuleKind.Saved, (long)reader.Unsigned() * rules.DataStep));
                break;
            case 0x06:
                Restore(register);
                break;
            case 0x07:
                Set(register, new RegisterRule(RegisterRuleKind.Undefined));
                break;
            case 0x08:
                Set(register, new RegisterRule(RegisterRuleKind.SameValue));
                break;
            case 0x09:
                Set(register, new RegisterRule(RegisterRuleKind.Register, RegisterOf(reader.Unsigned())));
                break;
            case 0x10:
                Set(register, new RegisterRule(RegisterRuleKind.Expression, 0, Block(ref reader)));
                break;
            case 0x11:
                Set(register, new RegisterRule(RegisterRuleKind.Saved, reader.Signed() * rules.DataStep));
                break;
            case 0x14:
                Set(register, new RegisterRule(RegisterRuleKind.ValueOffset, (long)reader.Unsigned() * rules.DataStep));
                break;
            case 0x15:
                Set(register, new RegisterRule(RegisterRuleKind.ValueOffset, reader.Signed() * rules.DataStep));
                break;
            case 0x16:
                Set(register, new RegisterRule(RegisterRuleKind.ValueExpression, 0, Block(ref reader)));
                break;
            case 0x2f:
                // DW_CFA_GNU_negative_offset_extended.
                Set(register, new RegisterRule(RegisterRuleKind.Saved, -(long)reader.Unsigned() * rules.DataStep));
                break;
        }
    }

    private void Set(ulong register, RegisterRule rule) => Set((int)Math.Min(register, Registers), rule);

    private void Set(int register, RegisterRule rule)
    {
        if (register < Registers)
            _rules[register] = rule;
    }

    private void Restore(ulong register) => Set(register, register < (ulong)_initial.Length ? _initial[register] : default);

    private void Restore(int register) => Restore((ulong)register);

    private static int RegisterOf(ulong number) => (int)Math.Min(number, Registers);

    private static ReadOnlyMemory<byte> Block(ref DwarfReader reader) =>
        reader.Bytes((int)Math.Min(reader.Unsigned(), int.MaxValue)).ToArray();
}
