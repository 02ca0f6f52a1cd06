using System.Diagnostics;
using Virtap.Language;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// The operations on one array's bytes (<see cref="ArrayLayout"/>), to the byte those of the eBPF routines. Keys come as words: a number,
/// or the memory offset of a string. Chains are followed for as many steps as there are entries, so that even a corrupt array ends.
/// </summary>
internal readonly struct ArrayMemory(FlatMemory memory, StringMemory strings, ArrayLayout array)
{
    /// <summary>The entry with these keys, or 0.</summary>
    public long Find(ReadOnlySpan<long> keys, out ulong hash)
    {
        hash = 0;
        for (int i = 0; i < keys.Length; i++)
            hash = array.HasStringKey(i) ? strings.Hash(hash, keys[i]) : KeyHash.Mix(hash, (ulong)keys[i]);
        long entry = Bucket(hash);
        for (int step = 0; step < array.MaxEntries && entry != 0; step++)
        {
            if (memory.Field(entry, ArrayLayout.EntryHashAt) == (long)hash && HasKeys(entry, keys))
                return entry;
            entry = memory.Field(entry, ArrayLayout.EntryChainAt);
        }

        return 0;
    }

    /// <summary>The entry with these keys, made with a zero value if need be; 0 if the array is full and does not wrap.</summary>
    public long Enter(ReadOnlySpan<long> keys)
    {
        long entry = Find(keys, out ulong hash);
        if (entry != 0)
            return entry;
        entry = Allocate();
        if (entry == 0)
            return 0;
        Fill(entry, hash, keys);
        Append(entry);
        ref long bucket = ref Bucket(hash);
        memory.Field(entry, ArrayLayout.EntryChainAt) = bucket;
        bucket = entry;
        Header(ArrayLayout.CountAt)++;
        return entry;
    }

    /// <summary>Removes the entry with these keys, if there is one.</summary>
    public void Delete(ReadOnlySpan<long> keys)
    {
        long entry = Find(keys, out _);
        if (entry == 0)
            return;
        Unlink(entry);
        memory.Field(entry, ArrayLayout.EntryChainAt) = Header(ArrayLayout.FreeAt);
        Header(ArrayLayout.FreeAt) = entry;
    }

    /// <summary>Removes every entry.</summary>
    public void Clear()
    {
        memory.Bytes(array.Offset, ArrayLayout.ChangingBytes).Clear();
        for (int i = 0; i < array.BucketCount; i++)
            memory.Word(array.BucketsOffset + (i * 8L)) = 0;
    }

    /// <summary>Every entry in the array's order.</summary>
    public List<long> Entries()
    {
        var entries = new List<long>();
        long entry = Header(ArrayLayout.FirstAt);
        while (entry != 0 && entries.Count < array.MaxEntries)
        {
            entries.Add(entry);
            entry = memory.Field(entry, ArrayLayout.EntryNextAt);
        }

        return entries;
    }

    /// <summary>The entries sorted by one of their fields; equal ones keep their order.</summary>
    public long[] Sorted(int fieldOffset, ScriptType fieldType, bool descending)
    {
        Comparer<long> comparer = ByField(fieldOffset, fieldType);
        // LINQ's ordering is stable.
        IEnumerable<long> entries = Entries();
        return [.. descending ? entries.OrderDescending(comparer) : entries.Order(comparer)];
    }

    /// <summary>
    /// The first so many entries sorted by one of their fields, then those that lost their place among them, the last to lose it
    /// first, then the others as they were: see <see cref="Ir.SortArray"/>.
    /// </summary>
    public long[] Selected(int count, int fieldOffset, ScriptType fieldType, bool descending)
    {
        Comparer<long> comparer = ByField(fieldOffset, fieldType);
        List<long> first = new(count + 1), lost = [], others = [];
        foreach (long entry in Entries())
        {
            int at = first.Count;
            while (at > 0 && (descending ? comparer.Compare(first[at - 1], entry) < 0 : comparer.Compare(first[at - 1], entry) > 0))
                at--;
            if (at == count)
            {
                others.Add(entry);
                continue;
            }

            first.Insert(at, entry);
            if (first.Count <= count)
                continue;
            lost.Add(first[count]);
            first.RemoveAt(count);
        }

        lost.Reverse();
        return [.. first, .. lost, .. others];
    }

    private Comparer<long> ByField(int fieldOffset, ScriptType fieldType)
    {
        FlatMemory view = memory;
        StringMemory texts = strings;
        return Comparer<long>.Create(fieldType switch
        {
            ScriptType.String => (a, b) => texts.Compare(a + fieldOffset, b + fieldOffset),
            ScriptType.Long or ScriptType.Unknown => (a, b) => view.Field(a, fieldOffset).CompareTo(view.Field(b, fieldOffset)),
            ScriptType.Statistics => throw new UnreachableException("a statistic has no order of its own"),
        });
    }

    /// <summary>Puts the array's entries in the order given, which must be all of them.</summary>
    public void Relink(ReadOnlySpan<long> entries)
    {
        long previous = 0;
        foreach (long entry in entries)
        {
            memory.Field(entry, ArrayLayout.EntryPreviousAt) = previous;
            if (previous == 0)
                Header(ArrayLayout.FirstAt) = entry;
            else
                memory.Field(previous, ArrayLayout.EntryNextAt) = entry;
            previous = entry;
        }

        if (previous == 0)
            return;
        memory.Field(previous, ArrayLayout.EntryNextAt) = 0;
        Header(ArrayLayout.LastAt) = previous;
    }

    private ref long Header(int at) => ref memory.Word(array.Offset + at);

    private ref long Bucket(ulong hash) => ref memory.Word(array.BucketsOffset + ((long)(hash & (ulong)(array.BucketCount - 1)) * 8));

    private bool HasKeys(long entry, ReadOnlySpan<long> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            int at = array.KeyOffsets[i];
            if (array.HasStringKey(i) ? strings.Compare(entry + at, keys[i]) != 0 : memory.Field(entry, at) != keys[i])
                return false;
        }

        return true;
    }

    /// <summary>An entry from the free list, or the next that was never used, or the oldest if the array wraps.</summary>
    private long Allocate()
    {
        long entry = Header(ArrayLayout.FreeAt);
        if (entry != 0)
        {
            Header(ArrayLayout.FreeAt) = memory.Field(entry, ArrayLayout.EntryChainAt);
            return entry;
        }

        ref long used = ref Header(ArrayLayout.UsedAt);
        if ((ulong)used < (ulong)array.MaxEntries)
            return array.EntriesOffset + (used++ * array.EntryBytes);
        if (!array.Wraps)
            return 0;
        entry = Header(ArrayLayout.FirstAt);
        Unlink(entry);
        return entry;
    }

    private void Fill(long entry, ulong hash, ReadOnlySpan<long> keys)
    {
        memory.Field(entry, ArrayLayout.EntryHashAt) = (long)hash;
        memory.Bytes(entry + array.ValueOffset, array.FreshValueBytes).Clear();
        for (int i = 0; i < keys.Length; i++)
        {
            if (array.HasStringKey(i))
                strings.Copy(entry + array.KeyOffsets[i], keys[i]);
            else
                memory.Field(entry, array.KeyOffsets[i]) = keys[i];
        }
    }

    private void Append(long entry)
    {
        long last = Header(ArrayLayout.LastAt);
        memory.Field(entry, ArrayLayout.EntryPreviousAt) = last;
        memory.Field(entry, ArrayLayout.EntryNextAt) = 0;
        if (last == 0)
            Header(ArrayLayout.FirstAt) = entry;
        else
            memory.Field(last, ArrayLayout.EntryNextAt) = entry;
        Header(ArrayLayout.LastAt) = entry;
    }

    /// <summary>Takes an entry out of its chain and out of the order.</summary>
    private void Unlink(long entry)
    {
        ref long link = ref Bucket((ulong)memory.Field(entry, ArrayLayout.EntryHashAt));
        for (int step = 0; step < array.MaxEntries && link != entry && link != 0; step++)
            link = ref memory.Field(link, ArrayLayout.EntryChainAt);
        link = memory.Field(entry, ArrayLayout.EntryChainAt);

        long previous = memory.Field(entry, ArrayLayout.EntryPreviousAt), next = memory.Field(entry, ArrayLayout.EntryNextAt);
        if (previous == 0)
            Header(ArrayLayout.FirstAt) = next;
        else
            memory.Field(previous, ArrayLayout.EntryNextAt) = next;
        if (next == 0)
            Header(ArrayLayout.LastAt) = previous;
        else
            memory.Field(next, ArrayLayout.EntryPreviousAt) = previous;
        Header(ArrayLayout.CountAt)--;
    }
}
