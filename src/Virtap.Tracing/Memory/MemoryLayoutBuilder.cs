using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Virtap.Language;

namespace Virtap.Tracing.Memory;

/// <summary>
/// Deals out a session's memory from its start: cells, context claims, then whatever is asked for in the order in which it is asked for,
/// then the contexts, and at last the buckets and entries of arrays, the smaller arrays' first. The same questions get the same answers.
/// </summary>
/// <param name="maxStringLength">MAXSTRINGLEN.</param>
/// <param name="cpuCount">CPUs that get contexts.</param>
/// <param name="contextsPerCpu">Contexts of each; at most 64.</param>
/// <param name="outputBytes">Bytes of a context's output buffer.</param>
/// <param name="limits">How much memory there may be.</param>
public sealed class MemoryLayoutBuilder(int maxStringLength, int cpuCount, int contextsPerCpu, int outputBytes, MemoryLimits limits)
{
    private const int CacheLine = 64;

    private readonly Dictionary<string, int> _literals = [];
    private readonly List<InitialBytes> _initial = [new InitialBytes(0, new byte[8], IsConstant: true)];
    private readonly List<ArrayLayout> _arrays = [];
    private long _next = SessionCells.End + (CacheLine * (long)cpuCount);

    /// <summary>Bytes of a string's slot.</summary>
    public int StringBytes { get; } = BytesOfString(maxStringLength);

    /// <summary>Offset of the output buffer in a context: behind its cells and the error text.</summary>
    public int OutputOffset => ContextCells.ErrorText + StringBytes;

    /// <summary>Offset of the first slot in a context.</summary>
    public int FirstSlot => OutputOffset + outputBytes;

    /// <summary>Whether more was asked for than memory can have; known once the layout is built.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>What memory holds before begin: all of it once the layout is built.</summary>
    public IReadOnlyList<InitialBytes> Initial => _initial;

    /// <summary>Bytes of a string's slot for a MAXSTRINGLEN.</summary>
    public static int BytesOfString(int maxStringLength) => ((maxStringLength + 7) & ~7) + 8;

    /// <summary>Bytes that a value takes.</summary>
    public int BytesOf(ScriptType type) => type switch
    {
        ScriptType.String => StringBytes,
        ScriptType.Long or ScriptType.Unknown => 8,
        ScriptType.Statistics => throw new UnreachableException("how long an aggregate is, its layout says"),
    };

    /// <summary>Where a scalar global comes to lie, with its first value.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="initial">A long, a string, or null for 0 or "".</param>
    /// <param name="isContended">Many CPUs add to it: it gets a cache line of its own.</param>
    public int AddScalar(ScriptType type, object? initial, bool isContended)
    {
        if (isContended)
            Align(CacheLine);
        int offset = Take(BytesOf(type));
        if (isContended)
            Align(CacheLine);
        byte[]? bytes = initial switch
        {
            string and not "" => Cut((string)initial),
            long and not 0 => Word((long)initial),
            _ => null,
        };
        if (bytes is not null)
            _initial.Add(new InitialBytes(offset, bytes));
        return offset;
    }

    /// <summary>An array, empty.</summary>
    public ArrayLayout AddArray(
        string name,
        IReadOnlyList<ScriptType> keyTypes,
        ScriptType valueType,
        int maxEntries,
        bool wraps,
        bool hasDeclaredSize,
        StatisticLayout? statistic = null)
    {
        int at = ArrayLayout.EntryKeysAt;
        var keyOffsets = new int[keyTypes.Count];
        for (int i = 0; i < keyTypes.Count; i++)
        {
            keyOffsets[i] = at;
            at += BytesOf(keyTypes[i]);
        }

        Align(CacheLine);
        int entryBytes = at + (statistic?.Bytes ?? BytesOf(valueType));
        long buckets = Math.Max(BitOperations.RoundUpToPowerOf2((uint)maxEntries), ArrayLayout.MinBuckets);
        int offset = Take(ArrayLayout.HeaderBytes);
        var array = new ArrayLayout(
            name, offset, [.. keyTypes], keyOffsets, valueType, at, entryBytes, maxEntries, (int)buckets, wraps, hasDeclaredSize,
            statistic);
        _arrays.Add(array);
        return array;
    }

    /// <summary>A string of the script, cut at MAXSTRINGLEN; equal ones lie at one offset, and the empty one at 0.</summary>
    public int Literal(string text)
    {
        if (text.Length == 0)
            return 0;
        if (!_literals.TryGetValue(text, out int offset))
        {
            byte[] bytes = Cut(text);
            offset = Take(bytes.Length);
            _literals[text] = offset;
            _initial.Add(new InitialBytes(offset, bytes, IsConstant: true));
        }

        return offset;
    }

    /// <summary>A table of strings: 64-bit memory offsets.</summary>
    public int AddTable(IReadOnlyList<string> texts)
    {
        byte[] bytes = new byte[texts.Count * 8];
        for (int i = 0; i < texts.Count; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), Literal(texts[i]));
        int offset = Take(bytes.Length);
        _initial.Add(new InitialBytes(offset, bytes, IsConstant: true));
        return offset;
    }

    /// <summary>Words that no handler ever changes.</summary>
    public int AddConstants(ReadOnlySpan<long> words)
    {
        byte[] bytes = MemoryMarshal.AsBytes(words).ToArray();
        int offset = Take(bytes.Length);
        _initial.Add(new InitialBytes(offset, bytes, IsConstant: true));
        return offset;
    }

    /// <summary>Places the contexts and what arrays hold, and closes the layout.</summary>
    /// <param name="slotsEnd">End of the last slot in a context.</param>
    /// <param name="savedBytes">Bytes of a context for slots that recursive calls save.</param>
    public MemoryLayout Build(int slotsEnd, long savedBytes)
    {
        Align(CacheLine);
        int contexts = (int)Math.Min(_next, limits.MaxBytes);
        int contextBytes = (int)Math.Min((slotsEnd + savedBytes + CacheLine - 1) & -CacheLine, limits.MaxBytes);
        Take(contextBytes * ((cpuCount * (long)contextsPerCpu) + 1));
        IsTooLarge = _next > limits.MaxFixedBytes;
        foreach (ArrayLayout array in _arrays.OrderBy(static array => array.StorageBytes))
        {
            Align(CacheLine);
            array.BucketsOffset = Take(array.StorageBytes);
            _initial.Add(array.Description);
        }

        IsTooLarge |= _next > limits.MaxBytes;
        return new MemoryLayout
        {
            MaxStringLength = maxStringLength,
            ClaimsOffset = SessionCells.End,
            CpuCount = cpuCount,
            ContextsPerCpu = contextsPerCpu,
            ContextsOffset = contexts,
            ContextBytes = contextBytes,
            OutputOffset = OutputOffset,
            OutputBytes = outputBytes,
            SavedOffset = slotsEnd,
            Bytes = (int)Math.Min(_next, limits.MaxBytes),
            Arrays = _arrays,
        };
    }

    private int Take(long bytes)
    {
        long offset = _next;
        _next += (bytes + 7) & ~7L;
        return (int)Math.Min(offset, limits.MaxBytes);
    }

    private void Align(int bytes) => _next = (_next + bytes - 1) & -bytes;

    /// <summary>A string as memory has it: its bytes, a zero, and zeros up to at least eight behind the last byte.</summary>
    private byte[] Cut(string text)
    {
        ReadOnlySpan<byte> content = MemoryLayout.ContentOf(text, maxStringLength);
        byte[] padded = new byte[BytesOfString(content.Length)];
        content.CopyTo(padded);
        return padded;
    }

    private static byte[] Word(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
