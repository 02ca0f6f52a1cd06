using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit.Routines;

/// <summary>
/// The operations of one array on the bytes that <see cref="ArrayLayout"/> describes. Keys come as a block of words: the hash (filled in by
/// <see cref="EmitLookup"/>), then each key, a long or the offset of a string.
/// </summary>
internal sealed class ArrayRoutines(RoutineSet set, ArrayLayout array)
{
    // The words of a lookup: the entry to look at, how far its string keys have been compared, the keys.
    private const int FindEntry = -24;
    private const int FindCursor = -16;
    private const int FindKeys = -8;

    private readonly BpfAssembler _code = set.Code;

    /// <summary>The numbers of the string keys, in order.</summary>
    private List<int> StringKeys { get; } = [.. Enumerable.Range(0, array.KeyTypes.Count).Where(i => array.KeyTypes[i] == ScriptType.String)];

    public void EmitFind()
    {
        _code.Move(BpfRegister.R6, BpfRegister.R1);
        EmitLookup();
        _code.Exit();
    }

    /// <summary>
    /// R0 = the entry with the keys at R6, or 0; their hash in the block's first word and in R7. In line in each routine that looks something up: the verifier allows eight frames
    /// in all, and a handler's own loops and functions need them.
    /// </summary>
    private void EmitLookup()
    {
        BpfLabel none = _code.NewLabel();
        EmitHash();
        _code.Store(BpfSize.Double, BpfRegister.R6, 0, BpfRegister.R7);
        PointToBucket(BpfRegister.R2, BpfRegister.R7);
        _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R2, 0);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, none);
        _code.Store(BpfSize.Double, BpfRegister.R10, FindEntry, BpfRegister.R0);
        _code.Store(BpfSize.Double, BpfRegister.R10, FindCursor, 0);
        _code.Store(BpfSize.Double, BpfRegister.R10, FindKeys, BpfRegister.R6);
        long words = 1 + (StringKeys.Count * (set.Layout.StringBytes / 8L));
        _code.Move(BpfRegister.R1, (int)Math.Min(1L << 23, array.MaxEntries * words));
        set.Loop(new Routine($"find_{array.Name}_step", _ => EmitFindStep()), FindEntry);
        _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, FindEntry);
        _code.Mark(none);
    }

    /// <summary>R7 = the hash of the keys at R6.</summary>
    private void EmitHash()
    {
        _code.Move(BpfRegister.R7, 0);
        for (int i = 0; i < array.KeyTypes.Count; i++)
        {
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, KeyWord(i));
            if (array.KeyTypes[i] == ScriptType.String)
                StringRoutines.EmitHash(set, BpfRegister.R7, BpfRegister.R1, FindEntry);
            else
                StringRoutines.EmitMix(set, BpfRegister.R7, BpfRegister.R1);
        }
    }

    /// <summary>
    /// One step looks at an entry's hash and its long keys, or compares one word of a string key; the words are those of the lookup. Stops at the entry that has the keys, or with 0.
    /// </summary>
    private void EmitFindStep()
    {
        BpfLabel next = _code.NewLabel(), stop = _code.NewLabel(), resume = _code.NewLabel();
        // R6 the words, R7 the entry, R8 its pointer, R9 the keys.
        _code.Move(BpfRegister.R6, BpfRegister.R2);
        _code.Load(BpfSize.Double, BpfRegister.R7, BpfRegister.R6, 0);
        _code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R6, FindKeys - FindEntry);
        _code.Jump(BpfCondition.Equal, BpfRegister.R7, 0, stop);
        PointToEntry(BpfRegister.R8, BpfRegister.R7);
        if (StringKeys.Count > 0)
        {
            _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R6, FindCursor - FindEntry);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R3, 0, resume);
        }

        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R8, ArrayLayout.EntryHashAt);
        _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R9, 0);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, BpfRegister.R2, next);
        for (int i = 0; i < array.KeyTypes.Count; i++)
        {
            if (array.KeyTypes[i] == ScriptType.String)
                continue;
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R9, KeyWord(i));
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R8, array.KeyOffsets[i]);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, BpfRegister.R2, next);
        }

        if (StringKeys.Count > 0)
        {
            _code.Move(BpfRegister.R3, BpfRegister.R7);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, array.KeyOffsets[StringKeys[0]]);
            _code.Mark(resume);
            EmitCompareWord(next, stop);
        }

        _code.Mark(stop);
        set.Return(1);
        _code.Mark(next);
        _code.Load(BpfSize.Double, BpfRegister.R7, BpfRegister.R8, ArrayLayout.EntryChainAt);
        _code.Store(BpfSize.Double, BpfRegister.R6, 0, BpfRegister.R7);
        _code.Store(BpfSize.Double, BpfRegister.R6, FindCursor - FindEntry, 0);
        set.Return(0);
    }

    /// <summary>Compares the word at R3, in a string key of the entry, with that of the key asked for; which key that is, its place in the entry tells.</summary>
    private void EmitCompareWord(BpfLabel next, BpfLabel stop)
    {
        BpfLabel goOn = _code.NewLabel();
        for (int i = 0; i < StringKeys.Count; i++)
        {
            int key = StringKeys[i], at = array.KeyOffsets[key];
            bool isLast = i == StringKeys.Count - 1;
            BpfLabel other = _code.NewLabel(), more = _code.NewLabel();
            _code.Move(BpfRegister.R2, BpfRegister.R3);
            _code.Alu(BpfAluOperator.Subtract, BpfRegister.R2, BpfRegister.R7);
            if (!isLast)
                _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R2, at + set.Layout.StringBytes, other);
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R9, KeyWord(key));
            _code.Alu(BpfAluOperator.Add, BpfRegister.R2, BpfRegister.R1);
            _code.Alu(BpfAluOperator.Subtract, BpfRegister.R2, at);
            set.EmitPointer(BpfRegister.R1, BpfRegister.R2);
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R1, 0);
            PointToEntry(BpfRegister.R1, BpfRegister.R3);
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R1, 0);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, BpfRegister.R2, next);
            StringRoutines.EmitZeroByteTest(set, BpfRegister.R1, more);
            if (isLast)
            {
                _code.Jump(stop);
            }
            else
            {
                _code.Move(BpfRegister.R3, BpfRegister.R7);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R3, array.KeyOffsets[StringKeys[i + 1]]);
                _code.Jump(goOn);
            }

            _code.Mark(more);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, 8);
            _code.Jump(goOn);
            _code.Mark(other);
        }

        _code.Mark(goOn);
        _code.Store(BpfSize.Double, BpfRegister.R6, FindCursor - FindEntry, BpfRegister.R3);
        set.Return(0);
    }

    public void EmitEnter()
    {
        BpfLabel found = _code.NewLabel(), have = _code.NewLabel(), full = _code.NewLabel();
        // R6 the keys, R7 the entry, R8 the entry's pointer.
        _code.Move(BpfRegister.R6, BpfRegister.R1);
        EmitLookup();
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, found);
        EmitAllocate(have, full);
        _code.Mark(full);
        if (array.Wraps)
        {
            LoadHeader(BpfRegister.R7, ArrayLayout.FirstAt);
            _code.Move(BpfRegister.R1, BpfRegister.R7);
            set.Call(Routine.Unlink(array));
        }
        else
        {
            set.Return(0);
        }

        _code.Mark(have);
        PointToEntry(BpfRegister.R8, BpfRegister.R7);
        EmitFill();
        EmitAppend();
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, 0);
        PointToBucket(BpfRegister.R2, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R2, 0);
        _code.Store(BpfSize.Double, BpfRegister.R8, ArrayLayout.EntryChainAt, BpfRegister.R3);
        _code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R7);
        AddToCount(1);
        _code.Move(BpfRegister.R0, BpfRegister.R7);
        _code.Mark(found);
        _code.Exit();
    }

    /// <summary>R7 = an entry from the free list, or the next that was never used.</summary>
    private void EmitAllocate(BpfLabel have, BpfLabel full)
    {
        BpfLabel unused = _code.NewLabel();
        LoadHeader(BpfRegister.R7, ArrayLayout.FreeAt);
        _code.Jump(BpfCondition.Equal, BpfRegister.R7, 0, unused);
        PointToEntry(BpfRegister.R2, BpfRegister.R7);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R2, ArrayLayout.EntryChainAt);
        StoreHeader(ArrayLayout.FreeAt, BpfRegister.R3);
        _code.Jump(have);
        _code.Mark(unused);
        LoadHeader(BpfRegister.R7, ArrayLayout.UsedAt);
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R7, array.MaxEntries, full);
        _code.Move(BpfRegister.R3, BpfRegister.R7);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R3, 1);
        StoreHeader(ArrayLayout.UsedAt, BpfRegister.R3);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R7, array.EntryBytes);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R7, array.EntriesOffset);
        _code.Jump(have);
    }

    /// <summary>Hash, keys and a zero value of the new entry.</summary>
    private void EmitFill()
    {
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, 0);
        _code.Store(BpfSize.Double, BpfRegister.R8, ArrayLayout.EntryHashAt, BpfRegister.R1);
        _code.Move(BpfRegister.R2, 0);
        // The first word of a string is enough: it is empty, with zeros to the end of the word. A number or a statistic is all words.
        int valueBytes = array.ValueType == ScriptType.String ? 8 : array.EntryBytes - array.ValueOffset;
        for (int at = 0; at < valueBytes; at += 8)
            _code.Store(BpfSize.Double, BpfRegister.R8, array.ValueOffset + at, BpfRegister.R2);
        for (int i = 0; i < array.KeyTypes.Count; i++)
        {
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R6, KeyWord(i));
            if (array.KeyTypes[i] == ScriptType.String)
            {
                _code.Move(BpfRegister.R1, BpfRegister.R7);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R1, array.KeyOffsets[i]);
                set.Call(Routine.CopyString);
            }
            else
            {
                _code.Store(BpfSize.Double, BpfRegister.R8, array.KeyOffsets[i], BpfRegister.R2);
            }
        }
    }

    /// <summary>Puts the entry R7 (pointer R8) at the end of the order.</summary>
    private void EmitAppend()
    {
        BpfLabel first = _code.NewLabel(), linked = _code.NewLabel();
        LoadHeader(BpfRegister.R1, ArrayLayout.LastAt);
        _code.Store(BpfSize.Double, BpfRegister.R8, ArrayLayout.EntryPreviousAt, BpfRegister.R1);
        _code.Move(BpfRegister.R2, 0);
        _code.Store(BpfSize.Double, BpfRegister.R8, ArrayLayout.EntryNextAt, BpfRegister.R2);
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, first);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R2, ArrayLayout.EntryNextAt, BpfRegister.R7);
        _code.Jump(linked);
        _code.Mark(first);
        StoreHeader(ArrayLayout.FirstAt, BpfRegister.R7);
        _code.Mark(linked);
        StoreHeader(ArrayLayout.LastAt, BpfRegister.R7);
    }

    public void EmitDelete()
    {
        BpfLabel none = _code.NewLabel();
        _code.Move(BpfRegister.R6, BpfRegister.R1);
        EmitLookup();
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, none);
        _code.Move(BpfRegister.R6, BpfRegister.R0);
        EmitUnlinkEntry();
        LoadHeader(BpfRegister.R3, ArrayLayout.FreeAt);
        PointToEntry(BpfRegister.R2, BpfRegister.R6);
        _code.Store(BpfSize.Double, BpfRegister.R2, ArrayLayout.EntryChainAt, BpfRegister.R3);
        StoreHeader(ArrayLayout.FreeAt, BpfRegister.R6);
        _code.Mark(none);
        set.Return(0);
    }

    public void EmitUnlink()
    {
        _code.Move(BpfRegister.R6, BpfRegister.R1);
        EmitUnlinkEntry();
        set.Return(0);
    }

    /// <summary>Takes the entry R6 out of its chain and out of the order; R7-R9 are lost.</summary>
    private void EmitUnlinkEntry()
    {
        PointToEntry(BpfRegister.R7, BpfRegister.R6);

        // Its chain: find the word that leads to it, beginning with the bucket.
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R7, ArrayLayout.EntryHashAt);
        _code.Alu(BpfAluOperator.And, BpfRegister.R1, array.BucketCount - 1);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R1, 3);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, array.BucketsOffset);
        _code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R10, -8, BpfRegister.R6);
        _code.Move(BpfRegister.R1, array.MaxEntries + 1);
        set.Loop(new Routine("unlink_step", EmitUnlinkStep), -16);
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, -16);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R7, ArrayLayout.EntryChainAt);
        _code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R3);

        // The order.
        _code.Load(BpfSize.Double, BpfRegister.R8, BpfRegister.R7, ArrayLayout.EntryPreviousAt);
        _code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R7, ArrayLayout.EntryNextAt);
        EmitRelink(BpfRegister.R8, ArrayLayout.EntryNextAt, ArrayLayout.FirstAt, BpfRegister.R9);
        EmitRelink(BpfRegister.R9, ArrayLayout.EntryPreviousAt, ArrayLayout.LastAt, BpfRegister.R8);
        AddToCount(-1);
    }

    /// <summary>The words: the offset of a link, the entry it should lead to.</summary>
    private static void EmitUnlinkStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel stop = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R2, 0);
        code.Load(BpfSize.Double, BpfRegister.R6, BpfRegister.R2, 8);
        set.EmitPointer(BpfRegister.R4, BpfRegister.R3);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R4, 0);
        code.Jump(BpfCondition.Equal, BpfRegister.R3, BpfRegister.R6, stop);
        code.Jump(BpfCondition.Equal, BpfRegister.R3, 0, stop);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, ArrayLayout.EntryChainAt);
        code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R3);
        set.Return(0);
        code.Mark(stop);
        set.Return(1);
    }

    /// <summary>Makes a neighbour's link, or the header's where there is no neighbour, lead to the other one.</summary>
    private void EmitRelink(BpfRegister neighbour, int link, int header, BpfRegister other)
    {
        BpfLabel atEnd = _code.NewLabel(), done = _code.NewLabel();
        _code.Jump(BpfCondition.Equal, neighbour, 0, atEnd);
        PointToEntry(BpfRegister.R2, neighbour);
        _code.Store(BpfSize.Double, BpfRegister.R2, link, other);
        _code.Jump(done);
        _code.Mark(atEnd);
        StoreHeader(header, other);
        _code.Mark(done);
    }

    public void EmitClear()
    {
        _code.Move(BpfRegister.R2, 0);
        for (int at = 0; at < ArrayLayout.HeaderBytes; at += 8)
            StoreHeader(at, BpfRegister.R2);
        _code.Move(BpfRegister.R1, array.BucketCount);
        _code.Store(BpfSize.Double, BpfRegister.R10, -8, 0);
        set.Loop(new Routine($"clear_{array.Name}_step", _ => EmitClearStep()), -8);
        set.Return(0);
    }

    private void EmitClearStep()
    {
        // R1 is the number of the iteration, and of the bucket.
        PointToBucket(BpfRegister.R3, BpfRegister.R1);
        _code.Move(BpfRegister.R4, 0);
        _code.Store(BpfSize.Double, BpfRegister.R3, 0, BpfRegister.R4);
        set.Return(0);
    }

    private static int KeyWord(int index) => 8 + (index * 8);

    /// <summary>destination = pointer to the bucket of a hash; the hash's register is kept.</summary>
    private void PointToBucket(BpfRegister destination, BpfRegister hash)
    {
        _code.Move(BpfRegister.R5, hash);
        _code.Alu(BpfAluOperator.And, BpfRegister.R5, array.BucketCount - 1);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R5, 3);
        set.EmitFixedPointer(destination, array.BucketsOffset);
        _code.Alu(BpfAluOperator.Add, destination, BpfRegister.R5);
    }

    /// <summary>destination = pointer to an entry; the entry's register is kept.</summary>
    private void PointToEntry(BpfRegister destination, BpfRegister entry)
    {
        _code.Move(BpfRegister.R5, entry);
        set.EmitPointer(destination, BpfRegister.R5);
    }

    private void LoadHeader(BpfRegister destination, int at)
    {
        set.EmitFixedPointer(destination, array.Offset + at);
        _code.Load(BpfSize.Double, destination, destination, 0);
    }

    /// <summary>Stores a register in the header; R1 is lost.</summary>
    private void StoreHeader(int at, BpfRegister value)
    {
        set.EmitFixedPointer(BpfRegister.R1, array.Offset + at);
        _code.Store(BpfSize.Double, BpfRegister.R1, 0, value);
    }

    private void AddToCount(int change)
    {
        set.EmitFixedPointer(BpfRegister.R1, array.Offset + ArrayLayout.CountAt);
        _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R1, 0);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, change);
        _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R2);
    }
}
