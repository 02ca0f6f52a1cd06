using CsCheck;
using Iced.Intel;
using InstructionCode = Iced.Intel.Code;

namespace Virtap.Binaries.Tests.Code.X64;

/// <summary>
/// Instructions as compilers write them between a decision and a call. Memory is addressed from rsp, r12 (the buffer) and r12 with r13 as
/// an index; those two are never written, nor is rsp but by push and pop.
/// </summary>
internal static class RandomInstructions
{
    private static readonly Register[] s_written =
        [Register.RAX, Register.RCX, Register.RDX, Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R8, Register.R9,
            Register.R10, Register.R11];

    private static readonly Gen<int> s_size = Gen.OneOf(1, 2, 4, 8);
    private static readonly Gen<Register> s_register = Gen.OneOf(s_written);
    private static readonly Gen<MemoryOperand> s_place = Gen.OneOf(
        Gen.Int[-20, 20].Select(word => new MemoryOperand(Register.RSP, word * 4)),
        Gen.Int[0, 200].Select(offset => new MemoryOperand(Register.R12, offset)),
        Gen.Select(
            Gen.Int[0, 100], Gen.OneOf(1, 2, 4, 8),
            (offset, scale) => new MemoryOperand(Register.R12, Register.R13, scale, offset, 1, false, Register.None)));

    private static readonly Gen<Instruction> s_one = Gen.Frequency(
        (8, Gen.Select(Gen.OneOf("Add", "Sub", "And", "Or", "Xor", "Cmp", "Mov"), s_size, s_register, s_register)
            .Select(
                (name, size, to, from) =>
                Instruction.Create(CodeOf($"{name}_r{size * 8}_rm{size * 8}"), Part(to, size), Part(from, size)))),
        (4, Gen.Select(Gen.OneOf("Add", "Sub", "And", "Or", "Xor", "Cmp", "Mov"), s_size, s_register, s_place)
            .Select((name, size, to, from) => Instruction.Create(CodeOf($"{name}_r{size * 8}_rm{size * 8}"), Part(to, size), from))),
        (4, Gen.Select(Gen.OneOf("Add", "Mov", "Mov", "Cmp"), s_size, s_register, s_place)
            .Select((name, size, from, to) => Instruction.Create(CodeOf($"{name}_rm{size * 8}_r{size * 8}"), to, Part(from, size)))),
        (4, Gen.Select(Gen.OneOf("Add", "Sub", "And", "Or", "Xor", "Cmp"), s_size, s_register, Gen.Int[-128, 127])
            .Select((name, size, to, value) => Instruction.Create(CodeOf($"{name}_rm{size * 8}_imm8"), Part(to, size), value))),
        (2, Gen.Select(s_size, s_register, s_register)
            .Select((size, a, b) => Instruction.Create(CodeOf($"Test_rm{size * 8}_r{size * 8}"), Part(a, size), Part(b, size)))),
        (4,
            Gen.Select(
                Gen.OneOf(
                    "Movzx_r32_rm8", "Movzx_r64_rm16", "Movzx_r16_rm8", "Movsx_r32_rm8", "Movsx_r64_rm8", "Movsx_r32_rm16",
                    "Movsxd_r64_rm32"), s_register, s_place)
            .Select((code, to, from) => Instruction.Create(CodeOf(code), Part(to, int.Parse(code.Split("_r")[1]) / 8), from))),
        (3,
            Gen.Select(
                Gen.OneOf("Movzx_r32_rm8", "Movzx_r32_rm16", "Movsx_r64_rm8", "Movsx_r32_rm16", "Movsxd_r64_rm32"), s_register, s_register)
            .Select(
                (code, to, from) =>
                Instruction.Create(
                    CodeOf(code), Part(to, int.Parse(code.Split("_r")[1]) / 8), Part(from, int.Parse(code.Split("_rm")[1]) / 8)))),
        (4, Gen.Select(Gen.OneOf(4, 8), s_register, s_register, s_register, Gen.OneOf(1, 2, 4, 8), Gen.Int[-1000, 1000])
            .Select(
                (size, to, from, index, scale, offset) =>
                Instruction.Create(
                    CodeOf($"Lea_r{size * 8}_m"), Part(to, size),
                    new MemoryOperand(from, index, scale, offset, 8, false, Register.None)))),
        (3, Gen.Select(Gen.OneOf("Shl", "Shr", "Sar", "Rol", "Ror"), s_size, s_register, Gen.Int[1, 63])
            .Select(
                (name, size, to, count) => Instruction.Create(CodeOf($"{name}_rm{size * 8}_imm8"), Part(to, size), count % (size * 8)))),
        (1, Gen.Select(Gen.OneOf("Shl", "Shr", "Sar"), s_size, s_register)
            .Select((name, size, to) => Instruction.Create(CodeOf($"{name}_rm{size * 8}_CL"), Part(to, size), Register.CL))),
        (2, Gen.Select(Gen.OneOf("Not", "Neg", "Inc", "Dec"), s_size, s_register)
            .Select((name, size, to) => Instruction.Create(CodeOf($"{name}_rm{size * 8}"), Part(to, size)))),
        (2, Gen.Select(Gen.OneOf(2, 4, 8), s_register, s_register, Gen.Int[-100, 100])
            .Select(
                (size, to, from, value) =>
                Instruction.Create(CodeOf($"Imul_r{size * 8}_rm{size * 8}_imm8"), Part(to, size), Part(from, size), value))),
        (1, Gen.Select(Gen.OneOf(4, 8), s_register).Select((size, to) => Instruction.Create(CodeOf($"Bswap_r{size * 8}"), Part(to, size)))),
        (1, Gen.Select(Gen.OneOf(4, 8), s_register)
            .Select((size, to) => Instruction.Create(CodeOf($"Sbb_r{size * 8}_rm{size * 8}"), Part(to, size), Part(to, size)))),
        (4, Gen.Select(Gen.OneOf("a", "ae", "b", "be", "e", "ne", "s", "ns", "l", "le", "g", "ge"), s_register)
            .Select((condition, to) => Instruction.Create(CodeOf($"Set{condition}_rm8"), Part(to, 1)))),
        (4,
            Gen.Select(
                Gen.OneOf("a", "ae", "b", "be", "e", "ne", "s", "ns", "l", "le", "g", "ge"), Gen.OneOf(2, 4, 8), s_register, s_register)
            .Select(
                (condition, size, to, from) =>
                Instruction.Create(CodeOf($"Cmov{condition}_r{size * 8}_rm{size * 8}"), Part(to, size), Part(from, size)))),
        (2, s_register.Select(from => Instruction.Create(InstructionCode.Push_r64, from))),
        (1, s_register.Select(to => Instruction.Create(InstructionCode.Pop_r64, to))),
        (1, Gen.OneOf(InstructionCode.Cdqe, InstructionCode.Cwde, InstructionCode.Cbw).Select(Instruction.Create)),
        (1, Gen.Select(s_register, s_register).Select((a, b) => Instruction.Create(InstructionCode.Xchg_rm64_r64, a, b))),
        (2, Gen.Select(Gen.OneOf(Register.AH, Register.BH), Gen.OneOf(Register.EAX, Register.ECX))
            .Select((from, to) => Instruction.Create(InstructionCode.Movzx_r32_rm8, to, from))),
        (1, Gen.Select(Gen.Int[0, 3], s_register)
            .Select((n, from) => Instruction.Create(InstructionCode.Movq_xmm_rm64, Register.XMM0 + n, from))),
        (1, Gen.Select(Gen.Int[0, 3], s_register)
            .Select((n, to) => Instruction.Create(InstructionCode.Movq_rm64_xmm, to, Register.XMM0 + n))),
        (1, Gen.Select(Gen.Int[0, 3], s_place)
            .Select((n, from) => Instruction.Create(InstructionCode.Movups_xmm_xmmm128, Register.XMM0 + n, from))),
        (1, Gen.Select(Gen.Int[0, 3], s_place)
            .Select((n, to) => Instruction.Create(InstructionCode.Movups_xmmm128_xmm, to, Register.XMM0 + n))),
        (1, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3])
            .Select((to, from) => Instruction.Create(InstructionCode.Punpcklqdq_xmm_xmmm128, Register.XMM0 + to, Register.XMM0 + from))),
        (1,
            Gen.Select(
                Gen.OneOf(InstructionCode.Adc_r32_rm32, InstructionCode.Xadd_rm32_r32, InstructionCode.Bsf_r32_rm32), s_register,
                s_register).Select((code, a, b) => Instruction.Create(code, Part(a, 4), Part(b, 4)))));

    /// <summary>Some of them; pops never outnumber pushes.</summary>
    public static Gen<Instruction[]> Some { get; } = s_one.Array[1, 12].Where(instructions =>
    {
        int depth = 0;
        return instructions.All(instruction => (depth -= instruction.StackPointerIncrement) >= 0);
    });

    private static InstructionCode CodeOf(string name) => Enum.Parse<InstructionCode>(name);

    /// <summary>The low bytes of a register, by name.</summary>
    private static Register Part(Register whole, int size) => size switch
    {
        8 => whole,
        4 => whole - Register.RAX + Register.EAX,
        2 => whole - Register.RAX + Register.AX,

        // ah, ch, dh and bh stand between bl and spl.
        _ => whole - Register.RAX is var number && number < 4 ? Register.AL + number : Register.SPL + (number - 4),
    };
}
