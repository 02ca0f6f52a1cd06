using System.Runtime.CompilerServices;
using System.Text;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Bpf.Features;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Tests.Support;
using Virtap.Language;
using Virtap.Language.Library;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Tests.Backends.InProcess;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>
/// A hand-made lowered program with one handler, run by the real kernel on the calls of a real program: <c>work(n, "text", 7)</c>.
/// Globals are words and string slots that a test numbers as it likes; slots likewise.
/// </summary>
internal sealed class OneHandler
{
    private const int Globals = SessionCells.First + 8192;
    private const int Arrays = Globals + 16384;
    private readonly List<ArrayLayout> _arrays = [];
    private readonly List<InitialBytes> _initial = [];
    private readonly List<PrintSite> _prints = [];
    private int _nextArray = Arrays;
    private int _nextLiteral = Globals + 8192;

    public int MaxActions { get; set; } = 1000;

    public int MaxStringLength { get; set; } = 128;

    public List<LoweredFunction> Functions { get; } = [];

    public static GlobalSlot Global(int number) => new(Globals + (number * 8));

    public static GlobalSlot GlobalString(int number) => new(Globals + 1024 + (number * 256));

    public static ContextSlot Slot(int number) => new(Slots + (number * 8));

    public static ContextSlot StringSlot(int number) => new(Slots + 256 + (number * 256));

    private const int Slots = ContextCells.ErrorText + 640 + 8192;

    public StringLiteral Literal(string text)
    {
        byte[] bytes = new byte[((Encoding.UTF8.GetByteCount(text) + 8) & ~7) + 8];
        Encoding.UTF8.GetBytes(text, bytes);
        _initial.Add(new InitialBytes(_nextLiteral, bytes, IsConstant: true));
        var literal = new StringLiteral(text, _nextLiteral);
        _nextLiteral += bytes.Length;
        return literal;
    }

    /// <summary>Numbers that lie in memory one after the other before the handler runs.</summary>
    public GlobalSlot Words(params ReadOnlySpan<long> words)
    {
        var location = new GlobalSlot(_nextLiteral);
        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(words).ToArray();
        _initial.Add(new InitialBytes(_nextLiteral, bytes));
        _nextLiteral += bytes.Length;
        return location;
    }

    public LiteralPiece Piece(string text) => new(text, Literal(text).Offset);

    /// <summary>A word of memory at a computed offset: such an access of a handler is to an array's entry, whichever array.</summary>
    public static LongAt WordAt(LongExpression offset, int at) =>
        new(new EntryField(
            new ArrayLayout("words", 0, [], [], ScriptType.Long, 0, 8, 1, ArrayLayout.MinBuckets, Wraps: false, HasDeclaredSize: false),
            offset,
            at));

    public ArrayLayout Array(string name, ScriptType[] keys, ScriptType value, int entries, bool wraps = false)
    {
        int at = ArrayLayout.EntryKeysAt;
        var offsets = new List<int>();
        foreach (ScriptType key in keys)
        {
            offsets.Add(at);
            at += Bytes(key);
        }

        int buckets = (int)Math.Max(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)entries), ArrayLayout.MinBuckets);
        var array = new ArrayLayout(
            name,
            _nextArray,
            keys,
            offsets,
            value,
            at,
            at + Bytes(value),
            entries,
            buckets,
            wraps,
            HasDeclaredSize: false) { BucketsOffset = _nextArray + ArrayLayout.HeaderBytes };
        _nextArray = (array.BucketsOffset + (int)array.StorageBytes + 63) & ~63;
        _arrays.Add(array);
        _initial.Add(array.Description);
        return array;
    }

    public LoweredPrint Print(params FormatPiece[] pieces)
    {
        _prints.Add(new PrintSite(_prints.Count, PrintChannel.Output, pieces));
        return new LoweredPrint(_prints[^1]);
    }

    /// <summary>Argument n of the probed function: n from 0.</summary>
    public static LongExpression Argument(int number) =>
        new TargetRegister(new MachineRegister(Architecture.X64, number switch { 0 => 5, 1 => 4, _ => 1 }), 0);

    public LoweredProgram Program(params LoweredStatement[] body)
    {
        var layout = new MemoryLayout
        {
            MaxStringLength = MaxStringLength,
            ClaimsOffset = SessionCells.End,
            CpuCount = Math.Min(Environment.ProcessorCount, 64),
            ContextsPerCpu = 4,
            ContextsOffset = _nextArray,
            ContextBytes = 16384,
            OutputOffset = ContextCells.ErrorText + 640,
            OutputBytes = 8192,
            Bytes = _nextArray + ((Math.Min(Environment.ProcessorCount, 64) * 4) + 1) * 16384,
            Arrays = _arrays,
        };
        return new LoweredProgram
        {
            Layout = layout,
            Handlers = [new LoweredHandler("handler", [], new LoweredBlock(body), MaxActions, true, Functions)],
            PrintSites = _prints,
            ErrorSites = [new ErrorSite("operator '/'", "t.stp:1:1", null)],
            Initial = _initial,
        };
    }

    /// <summary>Runs the handler on so many calls in so many threads.</summary>
    public Result Run(int calls, int threads, params LoweredStatement[] body)
    {
        RealKernel.Require();
        LoweredProgram program = Program(body);
        KernelFeatures features = KernelFeatures.Current;
        EmitResult emitted = ProgramEmitter.Emit(program, program.Handlers[0], new EmitOptions
        {
            Architecture = Architecture.X64,
            HasPreemptionControl = features.PreemptionControl.Present,
        });
        Assert.Null(emitted.Unsupported);
        var maps = ProgramEmitter.Maps(program.Layout, 1 << 20);
        using var memory = SharedMemoryMap.Create(maps[0]);
        using var ring = RingBufferReader.Create(maps[1]);
        foreach (InitialBytes initial in program.Initial)
            initial.Bytes.Span.CopyTo(memory.Span[initial.Offset..]);
        Unsafe.WriteUnaligned(ref memory.Span[SessionCells.State], (long)SessionState.Running);
        using var target = Target.Start(threads, calls);
        using var loaded = BpfProgram.Load(emitted.Program!, [memory.Map, ring.Map]);
        using (var link = UprobeMultiLink.Attach(loaded, Target.ProgramPath, [new UprobeAttachPoint(target.WorkOffset)]))
        {
            target.Run();
        }

        var records = new List<byte[]>();
        ring.Drain(record => records.Add(record.ToArray()));
        return new Result(memory.Span.ToArray(), records);
    }

    private int Bytes(ScriptType type) => type == ScriptType.String ? ((MaxStringLength + 7) & ~7) + 8 : 8;

    /// <summary>What the memory held in the end, and what was sent.</summary>
    internal sealed record Result(byte[] Memory, IReadOnlyList<byte[]> Records)
    {
        public long At(int offset) => BitConverter.ToInt64(Memory, offset);

        public long Long(int global) => At(Global(global).Offset);

        public string Text(int global) => TextAt(GlobalString(global).Offset);

        public string TextAt(int offset) =>
            Encoding.UTF8.GetString(Memory.AsSpan(offset, System.Array.IndexOf(Memory, (byte)0, offset) - offset));
    }
}
