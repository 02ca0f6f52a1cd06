using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// The operations of arrays of one shape, which is the types of keys and value, on the bytes that <see cref="ArrayLayout"/> describes;
/// what else an array is like, its header says. Keys come as a block of words: the hash (filled in by <see cref="EmitLookup"/>), then
/// each key, a long or the offset of a string.
/// </summary>
internal sealed class ArrayRoutines(RoutineSet set, ArrayLayout shape)
{
    // The words of a lookup: the entry to look at, how far its string keys have been compared, the keys.
    private const int FindEntry = -24;
    private const int FindCursor = -16;
    private const int FindKeys = -8;

    /// <summary>The word that keeps the array's offset for other routines.</summary>
    private const int ArrayOffset = -32;

    // In all of these routines.
    private const BpfRegister Keys = BpfRegister.R6;
    private const BpfRegister Header = BpfRegister.R9;

    private readonly BpfAssembler _code = set.Code;

    /// <summary>A name for arrays that share their routines: a letter for each key, and one for the value.</summary>
    public static string ShapeOf(ArrayLayout shape) =>
        $"{string.Concat(shape.KeyTypes.Select(Letter))}_{Letter(shape.ValueType)}{shape.Statistic?.Bytes}";

    private static char Letter(ScriptType type) => type switch
    {
        ScriptType.Long => 'l',
        ScriptType.String => 's',
        ScriptType.Statistics => 'a',
        ScriptType.Unknown => 'x',
    };

    /// <summary>The numbers of the string keys, in order.</summary>
    private List<int> StringKeys { get; } =
        [.. Enumerable.Range(0, shape.KeyTypes.Count).Where(shape.HasStringKey)];

    public void EmitFind()
    {
        EmitArguments();
        EmitLookup();
        _code.Exit();
    }

    /// <summary>Pointers to the block of keys at R1 and to the header of the array at R2.</summary>
    private void EmitArguments()
    {
        set.EmitPointer(Keys, BpfRegister.R1);
        EmitHeader();
    }

    private void EmitHeader()
    {
        _code.Store(BpfSize.Double, BpfRegister.R10, ArrayOffset, BpfRegister.R2);
        set.EmitPointer(Header, BpfRegister.R2);
    }

    /// <summary>
    /// R0 = the entry with the keys at R6, or 0; their hash in the block's first word and in R7. In line in each routine that looks
    /// something up: the verifier allows eight frames in all, and a handler's own loops and functions need them.
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
        _code.Move(BpfRegister.R1, RoutineSet.MaxIterations);
        set.Loop(new Routine($"find_{ShapeOf(shape)}_step", 2, _ => EmitFindStep()), FindEntry);
        _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, FindEntry);
        _code.Bind(none);
    }

    /// <summary>R7 = the hash of the keys at R6.</summary>
    private void EmitHash()
    {
        _code.Move(BpfRegister.R7, 0);
        for (int i = 0; i < shape.KeyTypes.Count; i++)
        {
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, KeyWord(i));
            if (shape.HasStringKey(i))
                StringRoutines.EmitHash(set, BpfRegister.R7, BpfRegister.R1, FindEntry);
            else
                StringRoutines.EmitMix(set, BpfRegister.R7, BpfRegister.R1);
        }
    }

    /// <summary>
    /// One step looks at an entry's hash and its long keys, or compares one word of a string key; the words are those of the lookup.
    /// Stops at the entry that has the keys, or with 0.
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
        for (int i = 0; i < shape.KeyTypes.Count; i++)
        {
            if (shape.HasStringKey(i))
                continue;
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R9, KeyWord(i));
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R8, shape.KeyOffsets[i]);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, BpfRegister.R2, next);
        }

        if (StringKeys.Count > 0)
        {
            _code.Move(BpfRegister.R3, BpfRegister.R7);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, shape.KeyOffsets[StringKeys[0]]);
            _code.Bind(resume);
            EmitCompareWord(next, stop);
        }

        _code.Bind(stop);
        set.Return(1);
        _code.Bind(next);
        _code.Load(BpfSize.Double, BpfRegister.R7, BpfRegister.R8, ArrayLayout.EntryChainAt);
        _code.Store(BpfSize.Double, BpfRegister.R6, 0, BpfRegister.R7);
        _code.Store(BpfSize.Double, BpfRegister.R6, FindCursor - FindEntry, 0);
        set.Return(0);
    }

    /// <summary>
    /// Compares the word at R3, in a string key of the entry, with that of the key asked for; which key that is, its place in the entry
    /// tells.
    /// </summary>
    private void EmitCompareWord(BpfLabel next, BpfLabel stop)
    {
        BpfLabel goOn = _code.NewLabel();
        for (int i = 0; i < StringKeys.Count; i++)
        {
            int key = StringKeys[i], at = shape.KeyOffsets[key];
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
                _code.Alu(BpfAluOperator.Add, BpfRegister.R3, shape.KeyOffsets[StringKeys[i + 1]]);
                _code.Jump(goOn);
            }

            _code.Bind(more);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, 8);
            _code.Jump(goOn);
            _code.Bind(other);
        }

        _code.Bind(goOn);
        _code.Store(BpfSize.Double, BpfRegister.R6, FindCursor - FindEntry, BpfRegister.R3);
        set.Return(0);
    }

    public void EmitEnter()
    {
        BpfLabel found = _code.NewLabel(), have = _code.NewLabel(), full = _code.NewLabel();
        // R7 the entry, R8 the entry's pointer.
        EmitArguments();
        EmitLookup();
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, found);
        EmitAllocate(have, full);
        _code.Bind(full);
        if (shape.Wraps)
        {
            LoadHeader(BpfRegister.R7, ArrayLayout.FirstAt);
            _code.Move(BpfRegister.R1, BpfRegister.R7);
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R10, ArrayOffset);
            set.Call(Routine.Unlink(shape));
        }
        else
        {
            set.Return(0);
        }

        _code.Bind(have);
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
        _code.Bind(found);
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
        _code.Bind(unused);
        LoadHeader(BpfRegister.R7, ArrayLayout.UsedAt);
        LoadHeader(BpfRegister.R1, ArrayLayout.LimitAt);
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R7, BpfRegister.R1, full);
        _code.Move(BpfRegister.R3, BpfRegister.R7);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R3, 1);
        StoreHeader(ArrayLayout.UsedAt, BpfRegister.R3);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R7, shape.EntryBytes);
        LoadHeader(BpfRegister.R1, ArrayLayout.EntriesAt);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R7, BpfRegister.R1);
        _code.Jump(have);
    }

    /// <summary>Hash, keys and a zero value of the new entry.</summary>
    private void EmitFill()
    {
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, 0);
        _code.Store(BpfSize.Double, BpfRegister.R8, ArrayLayout.EntryHashAt, BpfRegister.R1);
        _code.Move(BpfRegister.R2, 0);
        for (int at = 0; at < shape.FreshValueBytes; at += 8)
            _code.Store(BpfSize.Double, BpfRegister.R8, shape.ValueOffset + at, BpfRegister.R2);
        for (int i = 0; i < shape.KeyTypes.Count; i++)
        {
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R6, KeyWord(i));
            if (shape.HasStringKey(i))
            {
                _code.Move(BpfRegister.R1, BpfRegister.R7);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R1, shape.KeyOffsets[i]);
                set.Call(Routine.CopyString);
            }
            else
            {
                _code.Store(BpfSize.Double, BpfRegister.R8, shape.KeyOffsets[i], BpfRegister.R2);
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
        _code.Bind(first);
        StoreHeader(ArrayLayout.FirstAt, BpfRegister.R7);
        _code.Bind(linked);
        StoreHeader(ArrayLayout.LastAt, BpfRegister.R7);
    }

    public void EmitDelete()
    {
        BpfLabel none = _code.NewLabel();
        EmitArguments();
        EmitLookup();
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, none);
        _code.Move(BpfRegister.R6, BpfRegister.R0);
        EmitUnlinkEntry();
        LoadHeader(BpfRegister.R3, ArrayLayout.FreeAt);
        _code.Store(BpfSize.Double, BpfRegister.R7, ArrayLayout.EntryChainAt, BpfRegister.R3);
        StoreHeader(ArrayLayout.FreeAt, BpfRegister.R6);
        _code.Bind(none);
        set.Return(0);
    }

    public void EmitUnlink()
    {
        _code.Move(BpfRegister.R6, BpfRegister.R1);
        EmitHeader();
        EmitUnlinkEntry();
        set.Return(0);
    }

    /// <summary>Takes the entry R6 out of its chain and out of the order; R7 = its pointer, R8 is lost.</summary>
    private void EmitUnlinkEntry()
    {
        PointToEntry(BpfRegister.R7, BpfRegister.R6);

        // Its chain: find the word that leads to it, beginning with the bucket.
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R7, ArrayLayout.EntryHashAt);
        EmitBucket(BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R5);
        _code.Store(BpfSize.Double, BpfRegister.R10, -8, BpfRegister.R6);
        _code.Move(BpfRegister.R1, RoutineSet.MaxIterations);
        set.Loop(new Routine("unlink_step", 2, EmitUnlinkStep), -16);
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, -16);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R7, ArrayLayout.EntryChainAt);
        _code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R3);

        // The order.
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R7, ArrayLayout.EntryPreviousAt);
        _code.Load(BpfSize.Double, BpfRegister.R8, BpfRegister.R7, ArrayLayout.EntryNextAt);
        EmitRelink(BpfRegister.R3, ArrayLayout.EntryNextAt, ArrayLayout.FirstAt, BpfRegister.R8);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R7, ArrayLayout.EntryPreviousAt);
        EmitRelink(BpfRegister.R8, ArrayLayout.EntryPreviousAt, ArrayLayout.LastAt, BpfRegister.R3);
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
        code.Bind(stop);
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
        _code.Bind(atEnd);
        StoreHeader(header, other);
        _code.Bind(done);
    }

    /// <summary>Empties the array at R1, of whatever shape.</summary>
    public static void EmitClear(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        set.EmitPointer(BpfRegister.R6, BpfRegister.R1);
        code.Move(BpfRegister.R2, 0);
        for (int at = 0; at < ArrayLayout.ChangingBytes; at += 8)
            code.Store(BpfSize.Double, BpfRegister.R6, at, BpfRegister.R2);
        code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R6, ArrayLayout.BucketsAt);
        code.Store(BpfSize.Double, BpfRegister.R10, -8, BpfRegister.R2);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, ArrayLayout.BucketMaskAt);
        code.Alu(BpfAluOperator.Add, BpfRegister.R1, 1);
        code.Alu(BpfAluOperator.Divide, BpfRegister.R1, ArrayLayout.MinBuckets);
        set.Loop(new Routine("clear_step", 2, EmitClearStep), -8);
        set.Return(0);
    }

    /// <summary>The word: the offset of the buckets.</summary>
    private static void EmitClearStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R2, 0);
        code.Alu(BpfAluOperator.Multiply, BpfRegister.R1, ArrayLayout.MinBuckets * 8);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R1);
        set.EmitPointer(BpfRegister.R4, BpfRegister.R3);
        code.Move(BpfRegister.R3, 0);
        for (int bucket = 0; bucket < ArrayLayout.MinBuckets; bucket++)
            code.Store(BpfSize.Double, BpfRegister.R4, bucket * 8, BpfRegister.R3);
        set.Return(0);
    }

    private static int KeyWord(int index) => 8 + (index * 8);

    /// <summary>R5 = the offset of the bucket of a hash, whose register is kept; R4 is lost.</summary>
    private void EmitBucket(BpfRegister hash)
    {
        LoadHeader(BpfRegister.R5, ArrayLayout.BucketMaskAt);
        _code.Alu(BpfAluOperator.And, BpfRegister.R5, hash);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R5, 3);
        LoadHeader(BpfRegister.R4, ArrayLayout.BucketsAt);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R5, BpfRegister.R4);
    }

    /// <summary>destination = pointer to the bucket of a hash; the hash's register is kept.</summary>
    private void PointToBucket(BpfRegister destination, BpfRegister hash)
    {
        EmitBucket(hash);
        set.EmitPointer(destination, BpfRegister.R5);
    }

    /// <summary>destination = pointer to an entry; the entry's register is kept.</summary>
    private void PointToEntry(BpfRegister destination, BpfRegister entry)
    {
        _code.Move(BpfRegister.R5, entry);
        set.EmitPointer(destination, BpfRegister.R5);
    }

    private void LoadHeader(BpfRegister destination, int at) => _code.Load(BpfSize.Double, destination, Header, at);

    private void StoreHeader(int at, BpfRegister value) => _code.Store(BpfSize.Double, Header, at, value);

    private void AddToCount(int change)
    {
        LoadHeader(BpfRegister.R2, ArrayLayout.CountAt);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, change);
        StoreHeader(ArrayLayout.CountAt, BpfRegister.R2);
    }
}
