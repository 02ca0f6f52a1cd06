using System.Globalization;
using System.Text;

namespace Virtap.Bpf.Instructions;

/// <summary>
/// Writes instructions as the verifier's log and <c>bpftool prog dump xlated</c> do, so that listings, golden tests and the kernel's own
/// messages can be read side by side.
/// </summary>
public static class BpfDisassembler
{
    private static readonly string[] s_alu = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "end"];

    /// <summary>The text of the instruction at <paramref name="index"/>, without its number: <c>(bf) r6 = r1</c>.</summary>
    /// <param name="instructions">The whole program; a constant load reads its second slot from it.</param>
    /// <param name="index">The slot; not the second slot of a constant load.</param>
    public static string Format(ReadOnlySpan<BpfInstruction> instructions, int index)
    {
        BpfInstruction i = instructions[index];
        return string.Create(CultureInfo.InvariantCulture, $"({i.Opcode:x2}) {Body(instructions, index, i)}");
    }

    /// <summary>The whole program, a numbered line each, with the slots counted as the verifier counts them.</summary>
    public static string Format(ReadOnlySpan<BpfInstruction> instructions)
    {
        var text = new StringBuilder();
        for (int index = 0; index < instructions.Length; index += instructions[index].IsWide ? 2 : 1)
            text.Append(CultureInfo.InvariantCulture, $"{index,4}: {Format(instructions, index)}\n");
        return text.ToString();
    }

    private static string Body(ReadOnlySpan<BpfInstruction> all, int index, BpfInstruction i) => i.Class switch
    {
        BpfClass.Alu32 or BpfClass.Alu64 => Alu(i),
        BpfClass.Jump or BpfClass.Jump32 => Jump(i),
        BpfClass.LoadMemory => $"r{(byte)i.Destination} = *({((i.Opcode & 0xe0) == 0x80 ? 's' : 'u')}{Bits(i)} *)({Address(i, i.Source)})",
        BpfClass.Store => $"*(u{Bits(i)} *)({Address(i, (byte)i.Destination)}) = {i.Immediate}",
        BpfClass.StoreRegister when (i.Opcode & 0xe0) == 0xc0 => Atomic(i),
        BpfClass.StoreRegister => $"*(u{Bits(i)} *)({Address(i, (byte)i.Destination)}) = r{i.Source}",
        _ when i.IsWide && index + 1 < all.Length => Constant(i, all[index + 1].Immediate),
        _ => "unknown",
    };

    private static string Constant(BpfInstruction i, int upper) => i.Source switch
    {
        0 => $"r{(byte)i.Destination} = 0x{((ulong)(uint)upper << 32) | (uint)i.Immediate:x}",
        BpfInstruction.PseudoMapFd => $"r{(byte)i.Destination} = map[fd:{i.Immediate}]",
        BpfInstruction.PseudoMapValue => $"r{(byte)i.Destination} = map[fd:{i.Immediate}][0]+{(uint)upper}",
        BpfInstruction.PseudoFunction => $"r{(byte)i.Destination} = subprog[{i.Immediate:+0;-0}]",
        _ => $"r{(byte)i.Destination} = pseudo{i.Source}[{i.Immediate}, {upper}]",
    };

    private static string Alu(BpfInstruction i)
    {
        char prefix = i.Class == BpfClass.Alu32 ? 'w' : 'r';
        byte destination = (byte)i.Destination;
        var operation = (BpfAluOperator)(i.Opcode & 0xf0);
        if (operation == BpfAluOperator.ByteOrder)
        {
            // In the 64-bit class the operation is the unconditional swap of kernel 6.6.
            string order = i.Class == BpfClass.Alu64 ? "bswap" : (i.Opcode & 0x08) != 0 ? "be" : "le";
            return $"r{destination} = {order}{i.Immediate} r{destination}";
        }

        if (operation == BpfAluOperator.Negate)
            return $"{prefix}{destination} = -{prefix}{destination}";
        if ((i.Opcode >> 4) >= s_alu.Length)
            return "unknown";
        string source = (i.Opcode & 0x08) != 0 ? $"{prefix}{i.Source}" : i.Immediate.ToString(CultureInfo.InvariantCulture);
        if (operation == BpfAluOperator.Move && i.Offset != 0)
            return $"{prefix}{destination} = (s{i.Offset}){source}";
        string signed = i.Offset == 1 && operation is BpfAluOperator.Divide or BpfAluOperator.Modulo ? "s" : "";
        return $"{prefix}{destination} {signed}{s_alu[i.Opcode >> 4]} {source}";
    }

    private static string Jump(BpfInstruction i)
    {
        switch (i.Opcode)
        {
            case BpfInstruction.CallOpcode:
                return i.Source switch
                {
                    BpfInstruction.PseudoCall => $"call pc{i.Immediate:+0;-0}",
                    BpfInstruction.PseudoKernelCall => $"call kernel-function#{i.Immediate}",
                    _ => $"call {(BpfHelper)i.Immediate}#{i.Immediate}",
                };
            case BpfInstruction.ExitOpcode:
                return "exit";
            case BpfInstruction.JumpOpcode:
                return $"goto pc{i.Offset:+0;-0}";
            case BpfInstruction.LongJumpOpcode:
                return $"gotol pc{i.Immediate:+0;-0}";
        }

        string? sign = (BpfCondition)(i.Opcode & 0xf0) switch
        {
            BpfCondition.Equal => "==",
            BpfCondition.Greater => ">",
            BpfCondition.GreaterOrEqual => ">=",
            BpfCondition.AnyBit => "&",
            BpfCondition.NotEqual => "!=",
            BpfCondition.SignedGreater => "s>",
            BpfCondition.SignedGreaterOrEqual => "s>=",
            BpfCondition.Less => "<",
            BpfCondition.LessOrEqual => "<=",
            BpfCondition.SignedLess => "s<",
            BpfCondition.SignedLessOrEqual => "s<=",
            _ => null,
        };
        if (sign is null)
            return "unknown";
        char prefix = i.Class == BpfClass.Jump32 ? 'w' : 'r';
        string right = (i.Opcode & 0x08) != 0 ? $"{prefix}{i.Source}" : $"0x{i.Immediate:x}";
        return $"if {prefix}{(byte)i.Destination} {sign} {right} goto pc{i.Offset:+0;-0}";
    }

    private static string Atomic(BpfInstruction i)
    {
        int bits = Bits(i);
        string place = $"(u{bits} *)({Address(i, (byte)i.Destination)})";
        return (BpfAtomic)i.Immediate switch
        {
            BpfAtomic.Add => $"lock *{place} += r{i.Source}",
            BpfAtomic.Or => $"lock *{place} |= r{i.Source}",
            BpfAtomic.And => $"lock *{place} &= r{i.Source}",
            BpfAtomic.Xor => $"lock *{place} ^= r{i.Source}",
            BpfAtomic.FetchAdd => $"r{i.Source} = atomic{bits}_fetch_add({place}, r{i.Source})",
            BpfAtomic.FetchOr => $"r{i.Source} = atomic{bits}_fetch_or({place}, r{i.Source})",
            BpfAtomic.FetchAnd => $"r{i.Source} = atomic{bits}_fetch_and({place}, r{i.Source})",
            BpfAtomic.FetchXor => $"r{i.Source} = atomic{bits}_fetch_xor({place}, r{i.Source})",
            BpfAtomic.Exchange => $"r{i.Source} = atomic{bits}_xchg({place}, r{i.Source})",
            BpfAtomic.CompareExchange => $"r0 = atomic{bits}_cmpxchg({place}, r0, r{i.Source})",
            _ => "unknown",
        };
    }

    private static string Address(BpfInstruction i, byte register) => $"r{register} {i.Offset:+0;-0;+0}";

    private static int Bits(BpfInstruction i) => (BpfSize)(i.Opcode & 0x18) switch
    {
        BpfSize.Word => 32,
        BpfSize.Half => 16,
        BpfSize.Byte => 8,
        _ => 64,
    };
}
