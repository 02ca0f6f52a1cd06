using System.Buffers.Binary;
using System.Numerics;
using Virtap.Language.Binding;
using Virtap.Language.Syntax;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Memory;

/// <summary>
/// Deals out a session's memory from its start: cells, context claims, then whatever is asked for in the order in which it is asked for, and at last the contexts. The same questions
/// get the same answers.
/// </summary>
/// <param name="maxStringLength">MAXSTRINGLEN.</param>
/// <param name="cpuCount">CPUs that get contexts.</param>
/// <param name="contextsPerCpu">Contexts of each; at most 64.</param>
/// <param name="outputBytes">Bytes of a context's output buffer.</param>
public sealed class MemoryLayoutBuilder(int maxStringLength, int cpuCount, int contextsPerCpu, int outputBytes)
{
    /// <summary>More than offsets of 32 bits and their mask can reach.</summary>
    public const long MostBytes = 1 << 30;

    private const int CacheLine = 64;

    private readonly Dictionary<string, int> _literals = [];
    private readonly Dictionary<int, string> _literalTexts = new() { [0] = "" };
    private readonly List<InitialBytes> _initial = [new InitialBytes(0, new byte[8], IsConstant: true)];
    private readonly List<ArrayLayout> _arrays = [];
    private long _next = SessionCells.End + (CacheLine * (long)cpuCount);

    /// <summary>Bytes of a string's slot.</summary>
    public int StringBytes { get; } = BytesOfString(maxStringLength);

    /// <summary>Offset of the output buffer in a context: behind its cells and the error text.</summary>
    public int OutputOffset => ContextCells.ErrorText + StringBytes;

    /// <summary>Offset of the first slot in a context.</summary>
    public int FirstSlot => OutputOffset + outputBytes;

    /// <summary>Whether more was asked for than memory can have.</summary>
    public bool IsTooLarge => _next > MostBytes;

    /// <summary>What memory holds before begin, so far.</summary>
    public IReadOnlyList<InitialBytes> Initial => _initial;

    /// <summary>The literal at an offset, uncut; null for anything else.</summary>
    public string? LiteralAt(int offset) => _literalTexts.GetValueOrDefault(offset);

    /// <summary>Bytes of a string's slot for a MAXSTRINGLEN.</summary>
    public static int BytesOfString(int maxStringLength) => ((maxStringLength + 7) & ~7) + 8;

    /// <summary>Bytes that a value takes.</summary>
    public int BytesOf(ScriptType type) => type == ScriptType.String ? StringBytes : 8;

    /// <summary>A place for a scalar global with its first value.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="initial">A long, a string, or null for 0 or "".</param>
    /// <param name="isContended">Many CPUs add to it: it gets a cache line of its own.</param>
    public GlobalPlace AddScalar(ScriptType type, object? initial, bool isContended)
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
        return new GlobalPlace(offset);
    }

    /// <summary>An array, empty.</summary>
    public ArrayLayout AddArray(string name, IReadOnlyList<ScriptType> keyTypes, ScriptType valueType, int maxEntries, bool wraps, bool hasDeclaredSize)
    {
        int at = ArrayLayout.EntryKeysAt;
        var keyOffsets = new int[keyTypes.Count];
        for (int i = 0; i < keyTypes.Count; i++)
        {
            keyOffsets[i] = at;
            at += BytesOf(keyTypes[i]);
        }

        Align(CacheLine);
        int entryBytes = at + BytesOf(valueType);
        long buckets = BitOperations.RoundUpToPowerOf2((uint)maxEntries);
        int offset = Take(ArrayLayout.HeaderBytes + (buckets * 8) + (maxEntries * (long)entryBytes));
        var array = new ArrayLayout(name, offset, [.. keyTypes], keyOffsets, valueType, at, entryBytes, maxEntries, (int)buckets, wraps, hasDeclaredSize);
        _arrays.Add(array);
        return array;
    }

    /// <summary>A string of the script, cut at MAXSTRINGLEN; equal ones share a place, and the empty one is at offset 0.</summary>
    public GlobalPlace Literal(string text)
    {
        if (text.Length == 0)
            return new GlobalPlace(0);
        if (!_literals.TryGetValue(text, out int offset))
        {
            byte[] bytes = Cut(text);
            offset = Take(bytes.Length);
            _literals[text] = offset;
            _literalTexts[offset] = text;
            _initial.Add(new InitialBytes(offset, bytes, IsConstant: true));
        }

        return new GlobalPlace(offset);
    }

    /// <summary>A table of strings: 64-bit memory offsets.</summary>
    public int AddTable(IReadOnlyList<string> texts)
    {
        byte[] bytes = new byte[texts.Count * 8];
        for (int i = 0; i < texts.Count; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), Literal(texts[i]).Offset);
        int offset = Take(bytes.Length);
        _initial.Add(new InitialBytes(offset, bytes, IsConstant: true));
        return offset;
    }

    /// <summary>Places the contexts and closes the layout.</summary>
    /// <param name="slotsEnd">End of the last slot in a context.</param>
    public MemoryLayout Build(int slotsEnd)
    {
        Align(CacheLine);
        int contexts = (int)Math.Min(_next, MostBytes);
        int contextBytes = (slotsEnd + CacheLine - 1) & -CacheLine;
        Take(contextBytes * ((cpuCount * (long)contextsPerCpu) + 1));
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
            Bytes = (int)Math.Min(_next, MostBytes),
            Arrays = _arrays,
        };
    }

    private int Take(long bytes)
    {
        long offset = _next;
        _next += (bytes + 7) & ~7L;
        return (int)Math.Min(offset, MostBytes);
    }

    private void Align(int bytes) => _next = (_next + bytes - 1) & -bytes;

    /// <summary>A string as memory has it: its bytes, a zero, and zeros up to at least eight behind the last byte.</summary>
    private byte[] Cut(string text)
    {
        byte[] bytes = ByteText.GetBytes(text);
        int end = Array.IndexOf(bytes, (byte)0);
        int length = Math.Min(end < 0 ? bytes.Length : end, maxStringLength - 1);
        byte[] padded = new byte[BytesOfString(length)];
        bytes.AsSpan(0, length).CopyTo(padded);
        return padded;
    }

    private static byte[] Word(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
