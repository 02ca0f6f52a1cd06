using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>Loads and stores.</summary>
internal readonly partial struct Arm64Semantics
{
    private static readonly SymbolicValue s_vector = SymbolicValue.Unknown("it comes from a vector register");

    private void StepMemory(Arm64Word word, ulong address)
    {
        if (word.Matches(0x3a000000, 0x28000000))
            Pair(word);
        else if (word.Matches(0x38000000, 0x38000000))
            Single(word);
        else if (word.Matches(0x3b000000, 0x18000000))
            Literal(word, unchecked(address + (ulong)(word.Signed(5, 19) * 4)));
        else if (word.Matches(0x3fe00000, 0x08c00000))
            Write(word.Target, machine.Load(ReadBase(word.Left), 1 << word.Field(30, 2)));
        else if (word.Matches(0x3fe00000, 0x08800000))
            machine.Store(ReadBase(word.Left), Read(word.Target, 8), 1 << word.Field(30, 2));
        else
            Forget(word);
    }

    /// <summary>One register: at an unsigned distance, a signed one, with the base moved before or after, at an index; atomic.</summary>
    private void Single(Arm64Word word)
    {
        int scale = word.Field(30, 2), operation = word.Field(22, 2), mode = word.Field(10, 2);
        bool isVector = word.Bit(26);
        if (isVector && operation > 1)
            scale |= 4;
        SymbolicValue start = ReadBase(word.Left), address;
        if (word.Bit(24))
        {
            address = start.Plus((long)word.Field(10, 12) << scale);
        }
        else if (!word.Bit(21))
        {
            // 0 and 2: the base stays; 1: it is moved after; 3: before
            SymbolicValue moved = start.Plus(word.Signed(12, 9));
            address = mode == 1 ? start : moved;
            if (mode is 1 or 3)
                machine[word.Left] = moved;
        }
        else if (mode == 2)
        {
            address = SymbolicValue.Apply(start, Extended(word, word.Bit(12) ? scale : 0), MachineAlgebra.Add);
        }
        else
        {
            Forget(word);
            return;
        }

        if (isVector && (operation & 1) == 0)
            StoreVector(address, 1 << scale);
        else if (isVector || (scale == 3 && operation == 2))
            return;
        else if (operation == 0)
            machine.Store(address, Read(word.Target, 8), 1 << scale);
        else
            Write(word.Target, machine.Load(address, 1 << scale).Low(1 << scale, signExtend: operation != 1), operation == 3 ? 4 : 8);
    }

    private void Pair(Arm64Word word)
    {
        int kind = word.Field(30, 2), mode = word.Field(23, 2);
        bool isVector = word.Bit(26), isSigned = !isVector && kind == 1;
        int size = isVector ? 4 << kind : kind == 2 ? 8 : 4;
        SymbolicValue start = ReadBase(word.Left), moved = start.Plus(word.Signed(15, 7) * size), address = mode == 1 ? start : moved;
        if (mode is 1 or 3)
            machine[word.Left] = moved;
        if (isVector && word.Bit(22))
            return;
        if (isVector)
        {
            StoreVector(address, size);
            StoreVector(address.Plus(size), size);
        }
        else if (word.Bit(22))
        {
            SymbolicValue first = machine.Load(address, size).Low(size, isSigned);
            Write(word.Third, machine.Load(address.Plus(size), size).Low(size, isSigned));
            Write(word.Target, first);
        }
        else
        {
            machine.Store(address, Read(word.Target, 8), size);
            machine.Store(address.Plus(size), Read(word.Third, 8), size);
        }
    }

    /// <summary>A load from beside the code: ldr, ldrsw; of prfm nothing is seen.</summary>
    private void Literal(Arm64Word word, ulong place)
    {
        int kind = word.Field(30, 2), size = kind == 1 ? 8 : 4;
        if (!word.Bit(26) && kind != 3)
            Write(word.Target, machine.Load(SymbolicValue.Of(new ImageAddress(place)), size).Low(size, signExtend: kind == 2));
    }

    private void StoreVector(SymbolicValue address, int size)
    {
        for (int at = 0; at < size; at += 8)
            machine.Store(address.Plus(at), s_vector, Math.Min(size, 8));
    }

    /// <summary>Exclusive and atomic accesses, several vectors at once: what they load, store and report is not followed.</summary>
    private void Forget(Arm64Word word)
    {
        machine.Overwrite("it is read from memory after an instruction that is not followed");
        if (word.Bit(26))
        {
            // With bit 23, the base moves.
            if (word.Bit(23))
                machine[word.Left] = s_notFollowed;
            return;
        }

        Write(word.Target, s_notFollowed);
        if (word.Matches(0x3f000000, 0x08000000))
        {
            // The second of a pair; whether an exclusive store succeeded, what was compared.
            Write(word.Third, s_notFollowed);
            Write(word.Right, s_notFollowed);
        }
    }
}
