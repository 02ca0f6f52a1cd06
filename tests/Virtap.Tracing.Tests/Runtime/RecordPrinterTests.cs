using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Tests.Runtime;

public class RecordPrinterTests
{
    private static readonly ContextSlot s_slot = new(0);
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _errors = new();

    private static ConversionPiece Number(LongExpression? width = null, LongExpression? precision = null) =>
        new(FormatConversion.Signed, FormatFlags.None, width, precision, new LongAt(s_slot));

    private static ConversionPiece Text() => new(FormatConversion.String, FormatFlags.None, null, null, new StringAt(s_slot));

    private static LiteralPiece Literal(string text) => new(text, 0);

    private static byte[] Item(uint kind, params object[] arguments)
    {
        var bytes = new List<byte>(BitConverter.GetBytes(kind)) { 0, 0, 0, 0 };
        foreach (object argument in arguments)
        {
            byte[] text = argument as byte[] ?? [];
            bytes.AddRange(BitConverter.GetBytes(argument is long number ? number : text.Length));
            bytes.AddRange(text);
            bytes.AddRange(new byte[(8 - (bytes.Count % 8)) % 8]);
        }

        byte[] item = [.. bytes];
        BinaryPrimitives.WriteInt32LittleEndian(item.AsSpan(4), item.Length);
        return item;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static LoweredProgram Program(params PrintSite[] sites) => new()
    {
        Layout = new MemoryLayout
        {
            MaxStringLength = 128, ClaimsOffset = 0, CpuCount = 1, ContextsPerCpu = 1, ContextsOffset = 0, ContextBytes = 0,
            OutputOffset = 0, OutputBytes = 0, Bytes = 0, Arrays = [],
        },
        Handlers = [],
        PrintSites = sites,
        ErrorSites = [new ErrorSite("operator '/'", "t.stp:1:31", null)],
        Initial = [],
    };

    private RecordPrinter Printer(IRecordListener? listener, bool repeatsWarnings, params PrintSite[] sites)
    {
        var output = new OutputWriter(bytes => _text.Append(Encoding.UTF8.GetString(bytes)));
        var errors = new OutputWriter(bytes =>
        {
            _errors.Append(Encoding.UTF8.GetString(bytes));
            _text.Append('!');
        });
        var printer = new RecordPrinter(Program(sites), output, errors, listener) { RepeatsWarnings = repeatsWarnings };
        _flush = output.Flush;
        return printer;
    }

    private Action _flush = () => { };

    private RecordPrinter Printer(params PrintSite[] sites) => Printer(null, repeatsWarnings: false, sites);

    private static PrintSite Site(int id, params FormatPiece[] pieces) => new(id, PrintChannel.Output, pieces);

    [Fact]
    public void Items_of_a_record_become_text_one_after_the_other()
    {
        RecordPrinter printer = Printer(Site(0, Text(), Literal(", "), Number(), Literal("\n")), Site(1, Literal("日本\n")));
        printer.Write([.. Item(0, Utf8("disk"), 128L), .. Item(1), .. Item(0, Utf8(""), -1L)]);
        _flush();
        Assert.Equal("disk, 128\n日本\n, -1\n", _text.ToString());
        Assert.Equal(0, printer.CorruptRecords);
    }

    [Fact]
    public void Bytes_that_are_no_text_leave_as_they_are()
    {
        byte[] written = [];
        PrintSite site = Site(0, Literal(ByteText.FromBytes([0xff, (byte)'A', 0xc3])), Text());
        using var output = new OutputWriter(bytes => written = bytes.ToArray());
        new RecordPrinter(Program(site), output, output).Write(Item(0, (object)new byte[] { 0xfe }));
        output.Flush();
        Assert.Equal([0xff, (byte)'A', 0xc3, 0xfe], written);
    }

    [Fact]
    public void Computed_widths_and_precisions_travel_in_the_item_and_constants_do_not()
    {
        LongExpression computed = new LongAt(s_slot), constant = new LongConstant(4);
        RecordPrinter printer = Printer(Site(0, Number(computed, computed), Number(constant, null), Number(constant, computed)));
        printer.Write(Item(0, 6L, 3L, 7L, 8L, -1L, 9L));
        _flush();
        Assert.Equal("   007   8   9", _text.ToString());
    }

    [Fact]
    public void Errors_have_SystemTaps_words_and_their_place()
    {
        RecordPrinter printer = Printer();
        printer.Write(Item(RecordFormat.Error, (long)RuntimeError.DivisionByZero, 0L, 0L, Utf8("")));
        printer.Write(Item(RecordFormat.Error, (long)RuntimeError.ReadFault, 0L, 16L, Utf8("")));
        printer.Write(Item(RecordFormat.Error, (long)RuntimeError.ReadFault, 0L, -1L, Utf8("")));
        printer.Write(Item(RecordFormat.Error, (long)RuntimeError.NestingExceeded, -1L, 0L, Utf8("")));
        printer.Write(Item(RecordFormat.Error, (long)RuntimeError.Raised, 0L, 0L, Utf8("no disk")));
        Assert.Equal(
            "ERROR: division by 0 near operator '/' at t.stp:1:31\n" +
            "ERROR: read fault [man error::fault] at 0x10 near operator '/' at t.stp:1:31\n" +
            "ERROR: read fault [man error::fault] at 0xffffffffffffffff near operator '/' at t.stp:1:31\n" +
            "ERROR: MAXNESTING exceeded\n" +
            "ERROR: no disk\n",
            _errors.ToString());
    }

    [Fact]
    public void Warnings_end_their_line_come_after_what_was_printed_before_and_are_not_repeated()
    {
        RecordPrinter printer = Printer(Site(0, Literal("before ")), new PrintSite(1, PrintChannel.Warning, [Text()]));
        printer.Write([.. Item(0), .. Item(1, Utf8("slow")), .. Item(1, Utf8("slow\n")), .. Item(1, Utf8("stuck"))]);
        Assert.Equal("WARNING: slow\nWARNING: stuck\n", _errors.ToString());
        Assert.Equal("before !!", _text.ToString());
    }

    [Fact]
    public void Warnings_are_repeated_on_demand()
    {
        Printer(null, repeatsWarnings: true, new PrintSite(0, PrintChannel.Warning, [Text()])).Write(
            [.. Item(0, Utf8("slow")), .. Item(0, Utf8("slow"))]);
        Assert.Equal("WARNING: slow\nWARNING: slow\n", _errors.ToString());
    }

    [Fact]
    public void A_listener_hears_of_exit_errors_and_processes()
    {
        var heard = new Listener();
        RecordPrinter printer = Printer(heard, repeatsWarnings: false);
        printer.Write([
            .. Item(RecordFormat.Exit),
            .. Item(RecordFormat.Process, 2L, 100L, 101L, Utf8("qemu")),
            .. Item(RecordFormat.Error, 1L, 0L, 0L, Utf8("")),
        ]);
        Assert.Equal(["exit", "2 100 101 qemu", "error"], heard.Events);
    }

    [Fact]
    public void What_makes_no_sense_is_counted_and_what_does_is_printed()
    {
        RecordPrinter printer = Printer(Site(0, Number(), Literal("\n")), Site(1, Text(), Literal("\n")));
        printer.Write([.. Item(0, 1L), .. Item(0), .. Item(7), .. Item(0, 2L, 3L), .. Item(0, 4L)]);
        printer.Write([.. Item(0, 5L), 1, 2, 3]);
        printer.Write(Item(1, 100L));
        printer.Write(Item(RecordFormat.Error, 1L));
        printer.Write(Item(0xffff_ffff));
        _flush();
        Assert.Equal("1\n4\n5\n", _text.ToString());
        Assert.Equal(5, printer.CorruptRecords);
    }

    [Fact]
    public void Random_bytes_are_never_more_than_a_loss()
    {
        RecordPrinter printer = Printer(
            new Listener(),
            repeatsWarnings: false,
            Site(0, Text(), Number(new LongAt(s_slot))),
            Site(1, Number()));
        byte[][] odd =
        [
            BitConverter.GetBytes((ulong)RecordFormat.Error),
            BitConverter.GetBytes((ulong)RecordFormat.Process),
            BitConverter.GetBytes(ulong.MaxValue),
            BitConverter.GetBytes(long.MinValue),
            new byte[3],
        ];
        Gen<byte[]> item = Gen.UInt[0, 48].Select(Gen.UInt[0, 2], (length, kind) => BitConverter.GetBytes(((ulong)length << 32) | kind));
        Gen<byte[]> word = Gen.OneOf(Gen.Byte.Array[8], item, Gen.Int[0, odd.Length - 1].Select(i => odd[i]));
        word.Array[0, 12].Sample(words => printer.Write([.. words.SelectMany(each => each)]));
    }

    private sealed class Listener : IRecordListener
    {
        public List<string> Events { get; } = [];

        public void OnExit() => Events.Add("exit");

        public void OnError() => Events.Add("error");

        public void OnProcess(long kind, int pid, int tid, ReadOnlySpan<byte> name) =>
            Events.Add($"{kind} {pid} {tid} {Encoding.UTF8.GetString(name)}");
    }
}
