using System.Runtime.InteropServices;
using Virtap.Language;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Session.Globals;

/// <summary>
/// What the globals of a script held at one moment: the moment between two handlers. It is a copy: the session goes on meanwhile. Numbers
/// and arrays of numbers can be had; those with strings are left out.
/// </summary>
public sealed class GlobalsSnapshot
{
    /// <summary>Elements that may come into an array between the look at its size and the lock.</summary>
    private const int Room = 1024;

    private readonly Dictionary<string, (LoweredGlobal Global, byte[] Bytes)> _copies = [];

    private GlobalsSnapshot()
    {
    }

    /// <summary>A number's value.</summary>
    /// <exception cref="ArgumentException">The script has no such global number.</exception>
    public long Number(string name) =>
        Find(name) is (LoweredGlobal { Array: null }, var bytes) ? MemoryMarshal.Read<long>(bytes) : throw Missing(name, "number");

    /// <summary>An array's elements, in the array's order.</summary>
    /// <exception cref="ArgumentException">The script has no such global array of numbers.</exception>
    public IReadOnlyList<GlobalElement> Elements(string name)
    {
        if (Find(name) is not (LoweredGlobal { Array: { } array }, var bytes))
            throw Missing(name, "array of numbers");
        long count = Math.Min(Word(bytes, ArrayLayout.CountAt), (bytes.Length - ArrayLayout.HeaderBytes) / array.EntryBytes);
        var elements = new List<GlobalElement>((int)count);
        for (long entry = Word(bytes, ArrayLayout.FirstAt); elements.Count < count; entry = Word(
            bytes, OffsetOf(array, entry) + ArrayLayout.EntryNextAt))
        {
            int at = OffsetOf(array, entry);
            elements.Add(
                new GlobalElement([.. array.KeyOffsets.Select(key => Word(bytes, at + key))], Word(bytes, at + array.ValueOffset)));
        }

        return elements;
    }

    /// <summary>Copies globals while no handler touches them.</summary>
    /// <param name="memory">The session's memory.</param>
    /// <param name="globals">The script's globals.</param>
    /// <param name="patience">How long to wait for handlers that are under way.</param>
    /// <returns>Null where the lock could not be had in time.</returns>
    internal static GlobalsSnapshot? Take(FlatMemory memory, IEnumerable<LoweredGlobal> globals, TimeSpan patience)
    {
        List<LoweredGlobal> numeric = [
            .. globals.Where(
                g => g.Type is ScriptType.Long or ScriptType.Unknown && g.Array?.KeyTypes.Contains(ScriptType.String) != true)];
        while (true)
        {
            var snapshot = new GlobalsSnapshot();
            // Memory is made before the lock is taken: collecting garbage while holding it would have handlers wait.
            foreach (LoweredGlobal global in numeric)
                snapshot._copies.Add(global.Name, (global, new byte[BytesOf(memory, global)]));
            var @lock = new SessionLock(memory);
            using UrgentSection urgent = UrgentSection.Enter();
            if (!@lock.TryTake(patience))
                return null;
            try
            {
                if (snapshot.TryCopy(memory))
                    return snapshot;
            }
            finally
            {
                @lock.Release();
            }
        }
    }

    private bool TryCopy(FlatMemory memory)
    {
        foreach ((LoweredGlobal global, byte[] bytes) in _copies.Values)
        {
            if (global.Array is not { } array)
            {
                memory.Bytes(global.Offset, bytes.Length).CopyTo(bytes);
                continue;
            }

            int entries = UsedBytes(memory, array);
            if (ArrayLayout.HeaderBytes + entries > bytes.Length)
                return false;
            memory.Bytes(array.Offset, ArrayLayout.HeaderBytes).CopyTo(bytes);
            memory.Bytes(array.EntriesOffset, entries).CopyTo(bytes.AsSpan(ArrayLayout.HeaderBytes));
        }

        return true;
    }

    private (LoweredGlobal Global, byte[] Bytes)? Find(string name) => _copies.TryGetValue(name, out var copy) ? copy : null;

    private static ArgumentException Missing(string name, string kind) =>
        new($"the script has no global {kind} called {name}", nameof(name));

    private static int BytesOf(FlatMemory memory, LoweredGlobal global) => global.Array is { } array
        ? ArrayLayout.HeaderBytes + Math.Min(UsedBytes(memory, array) + (Room * array.EntryBytes), array.MaxEntries * array.EntryBytes)
        : sizeof(long);

    private static int UsedBytes(FlatMemory memory, ArrayLayout array) =>
        (int)Math.Clamp(Volatile.Read(ref memory.Word(array.Offset + ArrayLayout.UsedAt)), 0, array.MaxEntries) * array.EntryBytes;

    /// <summary>Where the copy has an entry, which links name by its place in memory.</summary>
    private static int OffsetOf(ArrayLayout array, long entry) => ArrayLayout.HeaderBytes + (int)(entry - array.EntriesOffset);

    private static long Word(byte[] bytes, int at) => MemoryMarshal.Read<long>(bytes.AsSpan(at));
}

/// <summary>One element of an array of numbers.</summary>
/// <param name="Keys">Its indices.</param>
/// <param name="Value">Its value.</param>
public readonly record struct GlobalElement(IReadOnlyList<long> Keys, long Value);
