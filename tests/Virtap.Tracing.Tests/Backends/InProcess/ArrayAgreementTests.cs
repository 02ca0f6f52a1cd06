using System.Text;
using CsCheck;
using Virtap.Bpf.Tests.Support;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.Ebpf;

namespace Virtap.Tracing.Tests.Backends.InProcess;

/// <summary>
/// Random operations on an array: one handler does the operation that a table in memory has for its call, so that hundreds of them cost
/// one program. The kernel and the evaluator leave the same bytes, and both print what a list of pairs prints.
/// </summary>
public class ArrayAgreementTests
{
    private const int Operations = 250;
    private const int MaxEntries = 8;

    private enum Kind
    {
        Set,
        Add,
        Delete,
        Look,
        Walk,
        WalkBackward,
        SortByKey,
        SortByValueDescending,
        Clear,
    }

    private readonly record struct Operation(Kind Kind, int Key, int Value);

    private static readonly Gen<Operation> s_operation = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Kind.Set)), (4, Gen.Const(Kind.Add)), (4, Gen.Const(Kind.Delete)), (3, Gen.Const(Kind.Look)),
            (2, Gen.Const(Kind.Walk)), (1, Gen.Const(Kind.WalkBackward)),
            (1, Gen.Const(Kind.SortByKey)), (1, Gen.Const(Kind.SortByValueDescending)), (0, Gen.Const(Kind.Clear))),
        Gen.Int[0, 11],
        Gen.Int[-3, 3],
        (kind, key, value) => new Operation(kind, key, value));

    private static Gen<Operation[]> Sequences(int clears) =>
        s_operation.Array[Operations].Select(Gen.Int[0, Operations - 1].Array[clears], (all, at) =>
        {
            foreach (int i in at)
                all[i] = new Operation(Kind.Clear, 0, 0);
            return all;
        });

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void An_array_is_the_same_in_the_kernel_and_here(bool textKeys, bool textValues, bool wraps)
    {
        RealKernel.Require();
        Sequences(2).Sample(operations =>
        {
            var one = new OneHandler();
            var array = new ArrayProgram(one, textKeys, textValues, wraps, operations);
            OneHandler.Result kernel = one.Run(Operations, 1, array.Body), evaluator = one.Evaluate(Operations, array.Body);
            Assert.Equal(Bytes(evaluator, array.Layout), Bytes(kernel, array.Layout));
            Assert.Equal(evaluator.Records.Select(Convert.ToHexString), kernel.Records.Select(Convert.ToHexString));
        }, iter: 2, threads: 1);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void An_array_does_what_a_list_of_pairs_does(bool textKeys, bool textValues, bool wraps) => Sequences(2).Sample(operations =>
    {
        var one = new OneHandler();
        var array = new ArrayProgram(one, textKeys, textValues, wraps, operations);
        OneHandler.Result result = one.Evaluate(Operations, array.Body);
        Assert.Equal(Model(operations, textKeys, textValues, wraps), Text(one.Program(array.Body), result.Records));
    }, iter: 50);

    /// <summary>The array's bytes without the words in which eBPF keeps the state of a sort.</summary>
    private static string Bytes(OneHandler.Result result, ArrayLayout array) =>
        Convert.ToHexString(result.Memory, array.Offset, ArrayLayout.SortAt) + Convert.ToHexString(
            result.Memory, array.BucketsOffset, (int)array.StorageBytes);

    private static string Text(LoweredProgram program, IEnumerable<byte[]> records)
    {
        var text = new StringBuilder();
        var output = new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes)));
        var printer = new RecordPrinter(program, output, output);
        foreach (byte[] record in records)
            printer.Write(record);
        output.Flush();
        Assert.Equal(0, printer.CorruptRecords);
        return text.ToString();
    }

    private static string Model(Operation[] operations, bool textKeys, bool textValues, bool wraps)
    {
        var text = new StringBuilder();
        var pairs = new List<(string Key, int Number, string Value)>();
        string Key(int key) => textKeys ? $"k{key}" : $"{key}";
        string Value(int value) => textValues ? $"v{value}" : $"{value}";
        int Compare(string a, string b, bool asText) => asText ? string.CompareOrdinal(a, b) : int.Parse(a).CompareTo(int.Parse(b));
        string Enter(int key, Func<string, string> change)
        {
            int at = pairs.FindIndex(pair => pair.Number == key);
            if (at < 0)
            {
                if (pairs.Count == MaxEntries && !wraps)
                    return "overflow\n";
                if (pairs.Count == MaxEntries)
                    pairs.RemoveAt(0);
                at = pairs.Count;
                pairs.Add((Key(key), key, textValues ? "" : "0"));
            }

            pairs[at] = pairs[at] with { Value = change(pairs[at].Value) };
            return "";
        }

        foreach ((Kind kind, int key, int value) in operations)
        {
            switch (kind)
            {
                case Kind.Set: text.Append(Enter(key, _ => Value(value))); break;
                case Kind.Add: text.Append(
                    Enter(
                        key, old => textValues
                        ? (old + Value(value))[..Math.Min(old.Length + Value(value).Length, 127)] : $"{int.Parse(old) + value}")); break;
                case Kind.Delete: pairs.RemoveAll(pair => pair.Number == key); break;
                case Kind.Look: text.Append(
                    pairs.Where(pair => pair.Number == key).Select(pair => $"1 {pair.Value}\n")
                    .FirstOrDefault(textValues ? "0 \n" : "0 0\n")); break;
                case Kind.Walk: text.AppendJoin("", pairs.Select(pair => $"{pair.Key}={pair.Value}\n")); break;
                case Kind.WalkBackward: text.AppendJoin(
                    "", pairs.AsEnumerable().Reverse().Select(pair => $"{pair.Key}={pair.Value}\n")); break;
                case Kind.SortByKey: pairs = [
                    .. pairs.Order(Comparer<(string Key, int, string)>.Create((a, b) => Compare(a.Key, b.Key, textKeys)))]; break;
                case Kind.SortByValueDescending: pairs = [
                    .. pairs.OrderDescending(
                        Comparer<(string, int, string Value)>.Create((a, b) => Compare(a.Value, b.Value, textValues)))]; break;
                default: pairs.Clear(); break;
            }
        }

        return text.ToString();
    }

    /// <summary>The handler: it looks up its operation and does it.</summary>
    private sealed class ArrayProgram
    {
        private static readonly ContextSlot s_entry = OneHandler.Slot(0);
        private readonly OneHandler _one;
        private readonly bool _textKeys;
        private readonly bool _textValues;

        public ArrayProgram(OneHandler one, bool textKeys, bool textValues, bool wraps, Operation[] operations)
        {
            (_one, _textKeys, _textValues) = (one, textKeys, textValues);
            Layout = one.Array(
                "a",
                [textKeys ? ScriptType.String : ScriptType.Long],
                textValues ? ScriptType.String : ScriptType.Long,
                MaxEntries,
                wraps);
            GlobalSlot table = one.Words([.. operations.SelectMany(each => new long[] { (long)each.Kind, each.Key, each.Value })]);
            LongExpression at = new LongBinary(
                LongOperator.Add,
                new LongBinary(LongOperator.Multiply, OneHandler.Argument(0), new LongConstant(24)),
                new LongConstant(table.Offset));
            GlobalSlot kind = OneHandler.Global(0), key = OneHandler.Global(1), value = OneHandler.Global(2);
            Body =
            [
                new StoreLong(kind, OneHandler.WordAt(at, 0)),
                new StoreLong(key, OneHandler.WordAt(at, 8)),
                new StoreLong(value, OneHandler.WordAt(at, 16)),
                .. Enum.GetValues<Kind>().Select(each => new LoweredIf(
                    new LongBinary(LongOperator.Equal, new LongAt(kind), new LongConstant((long)each)),
                    Do(each, new LongAt(key), new LongAt(value)),
                    null)),
            ];
        }

        public ArrayLayout Layout { get; }

        public LoweredStatement[] Body { get; }

        private EntryField ValueField => new(Layout, new LongAt(s_entry), Layout.ValueOffset);

        private LoweredStatement Do(Kind kind, LongExpression key, LongExpression value)
        {
            Value[] keys = [_textKeys ? Named("k", key, 0) : key];
            return kind switch
            {
                Kind.Set =>
                    OrOverflow(keys, _textValues ? new StoreString(ValueField, Named("v", value, 1)) : new StoreLong(ValueField, value)),
                Kind.Add => OrOverflow(keys, _textValues
                    ? new StoreString(
                        ValueField, new StringConcat(OneHandler.StringSlot(2), new StringAt(ValueField), Named("v", value, 1)))
                    : new StoreLong(ValueField, new LongBinary(LongOperator.Add, new LongAt(ValueField), value))),
                Kind.Delete => new DeleteEntry(Layout, keys),
                Kind.Look =>
                    new LoweredBlock([
                        new StoreLong(s_entry, new FindEntry(Layout, keys)),
                        _one.Print(
                            Number(new LongBinary(LongOperator.NotEqual, new LongAt(s_entry), new LongConstant(0))),
                            _one.Piece(" "),
                            ValuePiece(),
                            _one.Piece("\n"))
                    ]),
                Kind.Walk or Kind.WalkBackward => Walk(kind == Kind.WalkBackward),
                Kind.SortByKey => new SortArray(Layout, Layout.KeyOffsets[0], Layout.KeyTypes[0], false),
                Kind.SortByValueDescending => new SortArray(Layout, Layout.ValueOffset, Layout.ValueType, true),
                _ => new ClearArray(Layout),
            };
        }

        private LoweredTry OrOverflow(Value[] keys, LoweredStatement store) =>
            new(new LoweredBlock([new EnterEntry(s_entry, Layout, keys, 0), store]), _one.Print(_one.Piece("overflow\n")));

        private LoweredBlock Walk(bool backward)
        {
            var key = new EntryField(Layout, new LongAt(s_entry), Layout.KeyOffsets[0]);
            ConversionPiece keyPiece = _textKeys ? Text(new StringAt(key)) : Number(new LongAt(key));
            return new LoweredBlock(
            [
                new StoreLong(s_entry, new FirstEntry(Layout, backward)),
                new LoweredLoop(
                    null,
                    new LongAt(s_entry),
                    _one.Print(keyPiece, _one.Piece("="), ValuePiece(), _one.Piece("\n")),
                    new StoreLong(s_entry, new NextEntry(Layout, new LongAt(s_entry), backward))),
            ]);
        }

        private ConversionPiece ValuePiece() => _textValues ? Text(new StringAt(ValueField)) : Number(new LongAt(ValueField));

        private StringFormat Named(string prefix, LongExpression number, int slot) =>
            new(OneHandler.StringSlot(slot), [_one.Piece(prefix), Number(number)]);

        private static ConversionPiece Number(LongExpression value) => new(FormatConversion.Signed, FormatFlags.None, null, null, value);

        private static ConversionPiece Text(StringExpression value) => new(FormatConversion.String, FormatFlags.None, null, null, value);
    }
}
