using System.Buffers.Binary;
using System.Numerics;

namespace Virtap.Virtio.Layouts.Code;

/// <summary>
/// Reads AArch64 code of the procedure call standard: the integer instructions that accessors are made of, decoded by the encoding groups of the architecture's manual (DDI 0487, C4.1).
/// </summary>
internal sealed class Arm64CodeReader(byte[] code, ulong start) : CodeReader(code, start)
{
    // The number 31 is the zero register or the stack pointer, as the instruction has it; here the stack pointer is kept under it.
    private const int StackPointer = 31;
    private const int LinkRegister = 30;
    private const int LastLostInCalls = 18;

    private static readonly int[] s_arguments = [0, 1, 2, 3, 4, 5, 6, 7];

    protected override CodeState Entry() => CodeState.Entry(s_arguments, StackPointer);

    protected override ulong Step(ulong address, CodeState state)
    {
        int at = (int)(address - Start);
        if (at + 4 > Code.Length)
            return 0;
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(Code.AsSpan(at));
        ulong next = address + 4;
        if ((word & 0x7c000000) == 0x14000000)
            return Call(word >> 31 != 0, address, Relative(address, Signed(word, 0, 26)), state);
        if ((word & 0xff000000) == 0x54000000)
            return Fork(address, Signed(word, 5, 19), state);
        if ((word & 0x7e000000) == 0x34000000)
            return Fork(address, Signed(word, 5, 19), state);
        if ((word & 0x7e000000) == 0x36000000)
        {
            // tbz, tbnz
            NoteBitTest(ZeroOr(Field(word, 0, 5), state), Field(word, 19, 5) | (int)(word >> 31) << 5);
            return Fork(address, Signed(word, 5, 14), state);
        }

        if ((word & 0xfe000000) == 0xd6000000)
            return BranchToRegister(word, address, state);
        // exceptions (brk), and what ends a path otherwise
        if ((word & 0xff000000) == 0xd4000000)
            return 0;
        // hints: nop, bti, paciasp
        if ((word & 0xfffff01f) == 0xd503201f)
            return next;

        switch (word >> 25 & 0xf)
        {
            case 0b1000 or 0b1001:
                Immediate(word, address, state);
                break;
            case 0b0101 or 0b1101:
                Register(word, state);
                break;
            case 0b0100 or 0b0110 or 0b1100 or 0b1110:
                LoadOrStore(word, state);
                break;
            default:
                // Vectors and the rest: no integer register is written.
                break;
        }

        return next;
    }

    private ulong Fork(ulong address, long words, CodeState state)
    {
        Branch(address, Relative(address, words), state);
        return address + 4;
    }

    private static ulong Call(bool links, ulong address, ulong target, CodeState state)
    {
        if (!links)
            return target;
        for (int register = 0; register <= LastLostInCalls; register++)
            state[register] = null;
        state[LinkRegister] = null;
        state[0] = LinearForm.Of(new LinearTerm.Result(address));
        return address + 4;
    }

    private ulong BranchToRegister(uint word, ulong address, CodeState state)
    {
        // opc: 0 br, 1 blr, 2 ret
        int operation = Field(word, 21, 4);
        if (operation == 1)
            return Call(links: true, address, 0, state);
        if (operation == 2 && state[0] is { } value)
            Facts.Returns.Add(value);
        return 0;
    }

    private void Immediate(uint word, ulong address, CodeState state)
    {
        int target = Field(word, 0, 5), source = Field(word, 5, 5);
        switch (word >> 23 & 7)
        {
            case 0 or 1:
                // adr, adrp
                long offset = Signed(word, 5, 19) << 2 | (long)Field(word, 29, 2);
                ulong place = word >> 31 != 0 ? unchecked((address & ~0xffful) + (ulong)(offset << 12)) : unchecked(address + (ulong)offset);
                Write(target, LinearForm.Of(new LinearTerm.Bias()).AddConstant((long)place), state);
                break;
            case 2:
                // add, sub; with flags (cmp) the target 31 is the zero register
                long immediate = (long)Field(word, 10, 12) << (Bit(word, 22) ? 12 : 0);
                LinearForm? sum = state[source]?.AddConstant(Bit(word, 30) ? -immediate : immediate);
                if (!Bit(word, 29))
                    state[target] = sum;
                else
                    Write(target, sum, state);
                break;
            case 4:
                LogicalImmediate(word, target, source, state);
                break;
            case 5:
                // movn, movz, movk
                long wide = (long)Field(word, 5, 16) << 16 * Field(word, 21, 2);
                Write(target, Field(word, 29, 2) switch
                {
                    0 => LinearForm.Of(Bit(word, 31) ? ~wide : (uint)~wide),
                    2 => LinearForm.Of(wide),
                    _ => state[target] is { IsConstant: true } old ? LinearForm.Of(old.Constant & ~(0xffffL << 16 * Field(word, 21, 2)) | wide) : null,
                }, state);
                break;
            case 6:
                Bitfield(word, target, source, state);
                break;
            default:
                Write(target, null, state);
                break;
        }
    }

    // and, orr, eor, tst with a mask; only whole low parts of a value and single bits are of interest.
    private void LogicalImmediate(uint word, int target, int source, CodeState state)
    {
        int operation = Field(word, 29, 2);
        ulong? mask = Mask(Bit(word, 22), Field(word, 16, 6), Field(word, 10, 6), Bit(word, 31));
        LinearForm? value = ZeroOr(source, state);
        if (operation is 0 or 3 && mask is { } bits && BitOperations.IsPow2(bits))
            NoteBitTest(value, BitOperations.TrailingZeroCount(bits));
        LinearForm? result = (operation, mask) switch
        {
            (0, 0xff or 0xffff or 0xffffffff) => value,
            (1, { } set) when source == StackPointer => LinearForm.Of((long)set),
            _ => null,
        };
        if (operation == 3)
            Write(target, result, state);
        else
            state[target] = result;
    }

    private void Bitfield(uint word, int target, int source, CodeState state)
    {
        int operation = Field(word, 29, 2), rotate = Field(word, 16, 6), last = Field(word, 10, 6), width = Bit(word, 31) ? 64 : 32;
        LinearForm? value = ZeroOr(source, state);
        int shift = width - rotate;
        LinearForm? result = operation switch
        {
            // bfi: bits that were free
            1 => last < rotate ? Sum(state[target], value?.Multiply(1L << shift)) : null,
            // uxtb, uxth, sxtb, sxth, sxtw: the value is taken to fit
            _ when rotate == 0 && last is 7 or 15 or 31 => value,
            // lsl, ubfiz, sbfiz
            _ when last < rotate => value?.Multiply(1L << shift),
            _ => null,
        };
        // One bit taken out.
        if (operation != 1 && last == rotate)
            NoteBitTest(value, rotate);
        Write(target, result, state);
    }

    private static void Register(uint word, CodeState state)
    {
        int target = Field(word, 0, 5), left = Field(word, 5, 5), right = Field(word, 16, 5);
        if ((word & 0x1f000000) == 0x0a000000)
        {
            // orr with a shift to the left, mov; other logic is of no linear form
            LinearForm? shifted = Field(word, 22, 2) == 0 && !Bit(word, 21) ? ZeroOr(right, state)?.Multiply(1L << Field(word, 10, 6)) : null;
            Write(target, Field(word, 29, 2) == 1 ? Sum(ZeroOr(left, state), shifted) : null, state);
        }
        else if ((word & 0x1f200000) == 0x0b000000)
        {
            LinearForm? shifted = Field(word, 22, 2) == 0 ? ZeroOr(right, state)?.Multiply(1L << Field(word, 10, 6)) : null;
            Write(target, Sum(ZeroOr(left, state), shifted, Bit(word, 30) ? -1 : 1), state);
        }
        else if ((word & 0x1fe00000) == 0x0b200000)
        {
            // A narrow index is taken to fit.
            LinearForm? sum = Sum(state[left], ZeroOr(right, state)?.Multiply(1L << Field(word, 10, 3)), Bit(word, 30) ? -1 : 1);
            if (!Bit(word, 29))
                state[target] = sum;
            else
                Write(target, sum, state);
        }
        else if ((word & 0x1f000000) == 0x1b000000)
        {
            // madd, msub, smaddl, umaddl: one factor is the size of a structure
            LinearForm? a = ZeroOr(left, state), b = ZeroOr(right, state), rest = ZeroOr(Field(word, 10, 5), state);
            LinearForm? product = a is { IsConstant: true } ? b?.Multiply(a.Constant) : b is { IsConstant: true } ? a?.Multiply(b.Constant) : null;
            Write(target, Sum(rest, product, Bit(word, 15) ? -1 : 1), state);
        }
        else
        {
            Write(target, null, state);
        }
    }

    private void LoadOrStore(uint word, CodeState state)
    {
        int target = Field(word, 0, 5), origin = Field(word, 5, 5);
        bool vector = Bit(word, 26);
        if ((word & 0x3a000000) == 0x28000000)
        {
            LoadOrStorePair(word, target, origin, vector, state);
            return;
        }

        if ((word & 0x38000000) != 0x38000000)
        {
            // Exclusive and ordered accesses, literals: the value is unknown.
            Write(target, null, state);
            return;
        }

        int scale = Field(word, 30, 2);
        LinearForm? start = state[origin], address;
        int mode = Field(word, 10, 2);
        if (Bit(word, 24))
        {
            address = start?.AddConstant((long)Field(word, 10, 12) << scale);
        }
        else if (!Bit(word, 21))
        {
            // 0 unscaled, 1 after, 3 before
            LinearForm? moved = start?.AddConstant(Signed(word, 12, 9));
            address = mode == 1 ? start : moved;
            if (mode is 1 or 3)
                state[origin] = moved;
        }
        else
        {
            // An index register, shifted by the size or not; atomics have other low bits.
            address = mode == 2 ? Sum(start, ZeroOr(Field(word, 16, 5), state)?.Multiply(Bit(word, 12) ? 1L << scale : 1)) : null;
        }

        if (vector)
            return;
        if (Field(word, 22, 2) == 0)
            state.Store(address, 1 << scale, ZeroOr(target, state), Facts);
        else
            Write(target, state.Load(address, 1 << scale, Facts), state);
    }

    private void LoadOrStorePair(uint word, int target, int origin, bool vector, CodeState state)
    {
        int second = Field(word, 10, 5), mode = Field(word, 23, 2);
        int size = vector ? 4 << Field(word, 30, 2) : Bit(word, 31) ? 8 : 4;
        LinearForm? start = state[origin], moved = start?.AddConstant(Signed(word, 15, 7) * size), address = mode == 1 ? start : moved;
        if (mode is 1 or 3)
            state[origin] = moved;
        if (vector)
            return;
        if (Bit(word, 22))
        {
            LinearForm? first = state.Load(address, size, Facts);
            Write(second, state.Load(address?.AddConstant(size), size, Facts), state);
            Write(target, first, state);
        }
        else
        {
            state.Store(address, size, ZeroOr(target, state), Facts);
            state.Store(address?.AddConstant(size), size, ZeroOr(second, state), Facts);
        }
    }

    /// <summary>The mask that a logical immediate encodes (DecodeBitMasks of the manual): a run of ones, rotated, repeated.</summary>
    private static ulong? Mask(bool n, int rotate, int ones, bool wide)
    {
        int length = 31 - BitOperations.LeadingZeroCount((uint)((n ? 1 : 0) << 6 | ~ones & 0x3f));
        if (length < 1)
            return null;
        int size = 1 << length;
        int run = (ones & (size - 1)) + 1, by = rotate & (size - 1);
        if (run == size)
            return null;
        ulong element = (1ul << run) - 1;
        if (by > 0)
            element = element >> by | element << size - by & (size == 64 ? ulong.MaxValue : (1ul << size) - 1);
        for (int copied = size; copied < 64; copied *= 2)
            element |= element << copied;
        return wide ? element : (uint)element;
    }

    private static LinearForm? ZeroOr(int register, CodeState state) => register == 31 ? LinearForm.Zero : state[register];

    private static void Write(int register, LinearForm? value, CodeState state)
    {
        // 31 is the zero register here.
        if (register != 31)
            state[register] = value;
    }

    private static ulong Relative(ulong address, long words) => unchecked(address + (ulong)(words * 4));

    private static int Field(uint word, int at, int bits) => (int)(word >> at & ((1u << bits) - 1));

    private static long Signed(uint word, int at, int bits) => (long)((ulong)(word >> at) << 64 - bits) >> 64 - bits;

    private static bool Bit(uint word, int at) => (word >> at & 1) != 0;
}
