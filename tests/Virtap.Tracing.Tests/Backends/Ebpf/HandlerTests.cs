using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Tests.Backends.InProcess;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

public class HandlerTests
{
    private readonly OneHandler _one = new();

    private static LongConstant C(long value) => new(value);

    private static LongAt At(Location location) => new(location);

    private static LongBinary Op(LongOperator operation, LongExpression left, LongExpression right) => new(operation, left, right, 0);

    private static StoreLong Store(int global, LongExpression value) => new(OneHandler.Global(global), value);

    [Fact]
    public void Hits_of_four_threads_are_counted_exactly_with_an_atomic_add()
    {
        var result = _one.Run(50_000, 4, new AtomicAdd(OneHandler.Global(0), C(1)));
        Assert.Equal(200_000, result.Long(0));
        Assert.Equal(0, result.At(SessionCells.SkippedByContext));
    }

    [Fact]
    public void Hits_of_four_threads_are_counted_exactly_under_the_lock()
    {
        var result = _one.Run(50_000, 4, new AcquireLock(), Store(0, Op(LongOperator.Add, At(OneHandler.Global(0)), C(1))));
        Assert.Equal(0, result.At(SessionCells.SkippedByLock));
        Assert.Equal(0, result.At(SessionCells.SkippedByContext));
        Assert.Equal(200_000, result.Long(0));
        Assert.Equal(0, result.At(SessionCells.Lock));
    }

    [Theory]
    [InlineData(LongOperator.Divide)]
    [InlineData(LongOperator.Modulo)]
    [InlineData(LongOperator.Multiply)]
    [InlineData(LongOperator.Subtract)]
    [InlineData(LongOperator.ShiftLeft)]
    [InlineData(LongOperator.ShiftRight)]
    [InlineData(LongOperator.Less)]
    [InlineData(LongOperator.GreaterOrEqual)]
    public void Arithmetic_is_that_of_signed_64_bit_numbers(LongOperator operation)
    {
        (long, long)[] pairs =
        [
            (7, 2), (-7, 2), (7, -2), (-7, -2), (long.MinValue, -1), (long.MaxValue, 3), (1L << 40, -(1L << 33)), (5, 63),
        ];
        var body = new List<LoweredStatement>();
        for (int i = 0; i < pairs.Length; i++)
        {
            // Through globals, so that nothing is folded.
            body.Add(Store(100, C(pairs[i].Item1)));
            body.Add(Store(101, C(pairs[i].Item2)));
            body.Add(Store(i, Op(operation, At(OneHandler.Global(100)), At(OneHandler.Global(101)))));
        }

        var result = _one.Run(1, 1, [.. body]);
        for (int i = 0; i < pairs.Length; i++)
        {
            (long a, long b) = pairs[i];
            long expected = operation switch
            {
                LongOperator.Divide => b == -1 ? unchecked(-a) : a / b,
                LongOperator.Modulo => b == -1 ? 0 : a % b,
                LongOperator.Multiply => unchecked(a * b),
                LongOperator.Subtract => unchecked(a - b),
                LongOperator.ShiftLeft => a << (int)b,
                LongOperator.ShiftRight => a >> (int)b,
                LongOperator.Less => a < b ? 1 : 0,
                _ => a >= b ? 1 : 0,
            };
            Assert.Equal(expected, result.Long(i));
        }
    }

    [Fact]
    public void An_uncaught_error_ends_the_handler_and_is_recorded()
    {
        var result = _one.Run(
            1,
            1,
            Store(0, C(1)),
            Store(1, new LongBinary(LongOperator.Divide, C(1), At(OneHandler.Global(9)), 0)),
            Store(2, C(1)));
        Assert.Equal((1, 0, 0), (result.Long(0), result.Long(1), result.Long(2)));
        Assert.Equal(1, result.At(SessionCells.Errors));
        Assert.Equal((long)SessionState.Failed, result.At(SessionCells.State));
        byte[] record = Assert.Single(result.Records);
        Assert.Equal(RecordFormat.Error, BitConverter.ToUInt32(record));
        Assert.Equal((long)RuntimeError.DivisionByZero, BitConverter.ToInt64(record, 8));
    }

    [Fact]
    public void A_caught_error_goes_on_in_the_catch_with_its_words()
    {
        var fault = new LoweredBlock([Store(0, new LongBinary(LongOperator.Modulo, C(1), At(OneHandler.Global(9)), 0)), Store(1, C(1))]);
        var handler = new LoweredBlock(
            [new StoreString(OneHandler.GlobalString(0), new ErrorText(OneHandler.StringSlot(0))), Store(2, C(5))]);
        var result = _one.Run(1, 1, new LoweredTry(fault, handler), Store(3, C(6)));
        Assert.Equal((0, 5, 6), (result.Long(1), result.Long(2), result.Long(3)));
        Assert.Equal("division by 0", result.Text(0));
        Assert.Equal(0, result.At(SessionCells.Errors));
    }

    [Fact]
    public void Target_memory_is_read_and_an_unreadable_address_is_a_read_fault()
    {
        var read = new StoreString(OneHandler.GlobalString(0), new TargetString(OneHandler.StringSlot(0), OneHandler.Argument(1), 0));
        var bad = new LoweredTry(
            Store(0, new TargetLoad(C(16), 4, false, 0)),
            new StoreString(OneHandler.GlobalString(1), new ErrorText(OneHandler.StringSlot(1))));
        var result = _one.Run(1, 1, read, bad, Store(1, OneHandler.Argument(2)));
        Assert.Equal("text", result.Text(0));
        Assert.Equal("read fault [man error::fault] at 0x10", result.Text(1));
        Assert.Equal(7, result.Long(1));
    }

    [Fact]
    public void Loops_nest_break_continue_and_leave()
    {
        ContextSlot i = OneHandler.Slot(0), j = OneHandler.Slot(1);
        LoweredStatement inner = new LoweredBlock([
            new StoreLong(j, C(0)),
            new LoweredLoop(null, Op(LongOperator.Less, At(j), C(10)), new LoweredBlock([
                new LoweredIf(Op(LongOperator.Equal, At(j), C(3)), new LoweredContinue(), null),
                new LoweredIf(Op(LongOperator.Equal, At(j), C(6)), new LoweredBreak(), null),
                Store(0, Op(LongOperator.Add, At(OneHandler.Global(0)), C(1))),
            ]), new StoreLong(j, Op(LongOperator.Add, At(j), C(1)))),
        ]);
        var result = _one.Run(1, 1,
            new StoreLong(i, C(0)),
            new LoweredLoop(null, C(1), new LoweredBlock([
                inner,
                new LoweredIf(Op(LongOperator.Equal, At(i), C(4)), new LoweredLeave(), null),
            ]), new StoreLong(i, Op(LongOperator.Add, At(i), C(1)))),
            Store(1, C(1)));
        Assert.Equal((25, 0), (result.Long(0), result.Long(1)));
    }

    [Fact]
    public void A_loop_that_never_ends_is_ended_by_MAXACTION()
    {
        var result = _one.Run(1, 1, new LoweredLoop(
            null,
            C(1),
            new LoweredBlock([new CountActions(1, 0), Store(0, Op(LongOperator.Add, At(OneHandler.Global(0)), C(1)))]),
            null));
        Assert.Equal(1000, result.Long(0));
        Assert.Equal(1, result.At(SessionCells.Errors));
    }

    [Fact]
    public void Functions_return_leave_and_raise()
    {
        var function = new LoweredFunction("f") { ReturnTo = OneHandler.Slot(2), CatchAt = OneHandler.Slot(3) };
        ContextSlot parameter = OneHandler.Slot(0), returned = OneHandler.Slot(1);
        function.Body = new LoweredBlock([
            new LoweredIf(
                Op(LongOperator.Greater, At(parameter), C(5)),
                new LoweredBlock([new StoreLong(returned, C(100)), new LoweredReturn()]),
                null),
            new StoreLong(returned, new LongBinary(LongOperator.Divide, C(50), At(parameter), 0)),
        ]);
        _one.Functions.Add(function);
        var result = _one.Run(1, 1,
            new StoreLong(parameter, C(9)), new LoweredCall(function, -1), Store(0, At(returned)),
            new StoreLong(parameter, C(5)), new LoweredCall(function, -1), Store(1, At(returned)),
            new LoweredTry(new LoweredBlock([new StoreLong(parameter, C(0)), new LoweredCall(function, -1)]), Store(2, C(1))));
        Assert.Equal((100, 10, 1), (result.Long(0), result.Long(1), result.Long(2)));
    }

    [Fact]
    public void Strings_are_compared_joined_and_cut()
    {
        StringLiteral abc = _one.Literal("abc"), longer = _one.Literal("abcdefghi"), other = _one.Literal("abd");
        StringExpression Text(int n) => new StringAt(OneHandler.GlobalString(n));
        var result = _one.Run(1, 1,
            new StoreString(OneHandler.GlobalString(0), abc),
            new StoreString(OneHandler.GlobalString(1), longer),
            Store(0, new TextComparison(LongOperator.Equal, Text(0), abc)),
            Store(1, new TextComparison(LongOperator.Equal, Text(1), abc)),
            Store(2, new TextComparison(LongOperator.Less, Text(0), Text(1))),
            Store(3, new TextComparison(LongOperator.Greater, other, Text(1))),
            Store(4, new TextComparison(LongOperator.NotEqual, Text(1), Text(1))),
            new StoreString(OneHandler.GlobalString(2), new StringConcat(OneHandler.StringSlot(0), Text(0), Text(1))),
            Store(5, new StringLength(new StringAt(OneHandler.GlobalString(2)))),
            new StoreString(OneHandler.GlobalString(3), new Substring(OneHandler.StringSlot(1), Text(1), C(2), C(4))),
            new StoreString(OneHandler.GlobalString(4), new ThreadName(OneHandler.StringSlot(2), false)));
        Assert.Equal([1, 0, 1, 1, 0, 12], Enumerable.Range(0, 6).Select(result.Long));
        Assert.Equal("abcabcdefghi", result.Text(2));
        Assert.Equal("cdef", result.Text(3));
        Assert.Equal("target", result.Text(4));
    }

    [Theory]
    [InlineData(FormatConversion.Signed, FormatFlags.None, 0, -1, -42, "-42")]
    [InlineData(FormatConversion.Signed, FormatFlags.Plus, 6, -1, 42, "   +42")]
    [InlineData(FormatConversion.Signed, FormatFlags.ZeroPad, 6, -1, -42, "-00042")]
    [InlineData(FormatConversion.Signed, FormatFlags.LeftJustify, 6, -1, 42, "42    ")]
    [InlineData(FormatConversion.Signed, FormatFlags.None, 8, 4, 42, "    0042")]
    [InlineData(FormatConversion.Signed, FormatFlags.None, 0, -1, long.MinValue, "-9223372036854775808")]
    [InlineData(FormatConversion.Unsigned, FormatFlags.None, 0, -1, -1, "18446744073709551615")]
    [InlineData(FormatConversion.Hexadecimal, FormatFlags.Alternate, 0, -1, 0xabcL, "0xabc")]
    [InlineData(FormatConversion.UpperHexadecimal, FormatFlags.None, 8, -1, 0xabcL, "     ABC")]
    [InlineData(FormatConversion.Octal, FormatFlags.None, 0, -1, 8, "10")]
    [InlineData(FormatConversion.Pointer, FormatFlags.None, 0, -1, 0x1000, "0x1000")]
    [InlineData(FormatConversion.Character, FormatFlags.None, 3, -1, 'x', "  x")]
    public void Numbers_are_formatted_in_the_handler(
        FormatConversion conversion,
        FormatFlags flags,
        int width,
        int precision,
        long value,
        string expected)
    {
        var piece = new ConversionPiece(
            conversion,
            flags,
            width == 0 ? null : C(width),
            precision < 0 ? null : C(precision),
            At(OneHandler.Global(0)));
        var result = _one.Run(1, 1,
            Store(0, C(value)),
            new StoreString(
                OneHandler.GlobalString(0), new StringFormat(OneHandler.StringSlot(0), [_one.Piece("<"), piece, _one.Piece(">")])));
        Assert.Equal($"<{expected}>", result.Text(0));
    }

    [Fact]
    public void Text_is_padded_cut_and_counted_when_it_does_not_fit()
    {
        _one.MaxStringLength = 16;
        StringLiteral text = _one.Literal("abcdef");
        FormatPiece String(long width, long precision) =>
            new ConversionPiece(FormatConversion.String, FormatFlags.None, C(width), precision < 0 ? null : C(precision), text);
        var result = _one.Run(1, 1,
            new StoreString(OneHandler.GlobalString(0), new StringFormat(OneHandler.StringSlot(0), [String(8, -1), _one.Piece("|")])),
            new StoreString(OneHandler.GlobalString(1), new StringFormat(OneHandler.StringSlot(1), [String(-5, 2), _one.Piece("|")])),
            new StoreString(
                OneHandler.GlobalString(2),
                new StringConcat(OneHandler.StringSlot(2), new StringConcat(OneHandler.StringSlot(3), text, text), text)));
        Assert.Equal("  abcdef|", result.Text(0));
        Assert.Equal("ab   |", result.Text(1));
        Assert.Equal("abcdefabcdefabc", result.Text(2));
        Assert.Equal(1, result.At(SessionCells.CutStrings));
    }

    [Fact]
    public void Arrays_keep_entries_by_any_keys_in_order_of_insertion()
    {
        ArrayLayout array = _one.Array("a", [ScriptType.Long, ScriptType.String], ScriptType.Long, 64);
        StringLiteral x = _one.Literal("x"), y = _one.Literal("y");
        ContextSlot entry = OneHandler.Slot(0);
        Value[] Keys(StringExpression text) => [new LongBinary(LongOperator.Modulo, OneHandler.Argument(0), C(10), 0), text];
        LoweredStatement Add(StringExpression text, long n) => new LoweredBlock([
            new EnterEntry(entry, array, Keys(text), 0),
            new StoreLong(
                new EntryField(array, At(entry), array.ValueOffset),
                Op(LongOperator.Add, At(new EntryField(array, At(entry), array.ValueOffset)), C(n))),
        ]);
        var result = _one.Run(
            100, 1, Add(x, 1), Add(y, 100), new LoweredIf(Op(LongOperator.Equal, OneHandler.Argument(0), C(99)), new LoweredBlock([
            new DeleteEntry(array, [C(3), x]),
            Store(0, At(new EntryField(array, new FindEntry(array, [C(4), y]), array.ValueOffset))),
            Store(1, new FindEntry(array, [C(3), x])),
            Store(2, At(new EntryField(array, new FindEntry(array, [C(77), x]), array.ValueOffset))),
        ]), null));
        Assert.Equal(0, result.At(SessionCells.Errors));
        Assert.Equal((1000, 0, 0), (result.Long(0), result.Long(1), result.Long(2)));
        Assert.Equal(19, result.At(array.Offset + ArrayLayout.CountAt));
        Assert.Equal(
            Enumerable.Range(0, 10).SelectMany(n => new[] { $"{n}x10", $"{n}y1000" }).Where(t => t != "3x10"), Entries(result, array));
    }

    [Fact]
    public void A_full_array_overflows_and_a_wrapping_one_drops_its_oldest()
    {
        ArrayLayout full = _one.Array("full", [ScriptType.Long], ScriptType.Long, 8);
        ArrayLayout wrapping = _one.Array("wrapping", [ScriptType.Long], ScriptType.Long, 8, wraps: true);
        ContextSlot entry = OneHandler.Slot(0);
        Value[] keys = [OneHandler.Argument(0)];
        var result = _one.Run(20, 1,
            new EnterEntry(entry, wrapping, keys, 0),
            new LoweredTry(new EnterEntry(entry, full, keys, 0), Store(0, Op(LongOperator.Add, At(OneHandler.Global(0)), C(1)))));
        Assert.Equal(12, result.Long(0));
        Assert.Equal(Enumerable.Range(12, 8).Select(n => (long)n), Keys(result, wrapping));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Arrays_are_sorted_and_cleared_in_handlers(bool descending)
    {
        ArrayLayout array = _one.Array("a", [ScriptType.Long], ScriptType.Long, 200),
        cleared = _one.Array("c", [ScriptType.Long], ScriptType.Long, 200);
        ContextSlot entry = OneHandler.Slot(0);
        LongExpression scrambled = new LongBinary(
            LongOperator.Modulo,
            Op(LongOperator.Multiply, OneHandler.Argument(0), C(7919)),
            C(101),
            0);
        var result = _one.Run(150, 1,
            new EnterEntry(entry, array, [OneHandler.Argument(0)], 0),
            new StoreLong(new EntryField(array, At(entry), array.ValueOffset), scrambled),
            new EnterEntry(entry, cleared, [OneHandler.Argument(0)], 0),
            new LoweredIf(Op(LongOperator.Equal, OneHandler.Argument(0), C(149)), new LoweredBlock([
                new SortArray(array, array.ValueOffset, ScriptType.Long, descending),
                new ClearArray(cleared),
            ]), null));
        Assert.Equal(0, result.At(SessionCells.Errors));
        IEnumerable<long> expected = Enumerable.Range(0, 150).Select(n => (long)n);
        Assert.Equal(
            descending ? expected.OrderByDescending(n => n * 7919 % 101) : expected.OrderBy(n => n * 7919 % 101), Keys(result, array));
        Assert.Equal(0, result.At(cleared.Offset + ArrayLayout.CountAt));
        Assert.Empty(Keys(result, cleared));
    }

    [Fact]
    public void Prints_of_one_handler_are_one_record()
    {
        ConversionPiece Number(LongExpression value) => new(FormatConversion.Signed, FormatFlags.None, null, null, value);
        var text = new ConversionPiece(
            FormatConversion.String,
            FormatFlags.None,
            null,
            null,
            new TargetString(OneHandler.StringSlot(0), OneHandler.Argument(1), 0));
        var result = _one.Run(
            3,
            1,
            _one.Print(Number(OneHandler.Argument(0)), text, Number(OneHandler.Argument(2))),
            _one.Print(Number(C(1))));
        Assert.Equal(3, result.Records.Count);
        byte[] record = result.Records[2];
        Assert.Equal((0u, 40u, 2L, 4L, 7L), (
            BitConverter.ToUInt32(record),
            BitConverter.ToUInt32(record, 4),
            BitConverter.ToInt64(record, 8),
            BitConverter.ToInt64(record, 16),
            BitConverter.ToInt64(record, 32)));
        Assert.Equal("text\0\0\0\0", System.Text.Encoding.ASCII.GetString(record, 24, 8));
        Assert.Equal(
            (1u, 16u, 1L), (BitConverter.ToUInt32(record, 40), BitConverter.ToUInt32(record, 44), BitConverter.ToInt64(record, 48)));
    }

    private static IEnumerable<long> Keys(OneHandler.Result result, ArrayLayout array)
    {
        long previous = 0;
        long first = result.At(array.Offset + ArrayLayout.FirstAt);
        for (long entry = first; entry != 0; entry = result.At((int)entry + ArrayLayout.EntryNextAt))
        {
            Assert.Equal(previous, result.At((int)entry + ArrayLayout.EntryPreviousAt));
            previous = entry;
            yield return result.At((int)entry + array.KeyOffsets[0]);
        }

        Assert.Equal(previous, result.At(array.Offset + ArrayLayout.LastAt));
    }

    private static IEnumerable<string> Entries(OneHandler.Result result, ArrayLayout array)
    {
        long first = result.At(array.Offset + ArrayLayout.FirstAt);
        for (long entry = first; entry != 0; entry = result.At((int)entry + ArrayLayout.EntryNextAt))
        {
            int at = (int)entry;
            (long key, string text) = (result.At(at + array.KeyOffsets[0]), result.TextAt(at + array.KeyOffsets[1]));
            yield return $"{key}{text}{result.At(at + array.ValueOffset)}";
        }
    }
}
