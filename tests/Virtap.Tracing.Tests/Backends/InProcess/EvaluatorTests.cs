using Virtap.Binaries.Code;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.Ebpf;
using Virtap.Tracing.Tests.Lowering;

namespace Virtap.Tracing.Tests.Backends.InProcess;

public class EvaluatorTests
{
    private readonly OneHandler _one = new();

    private static LongConstant C(long value) => new(value);

    private static LongAt At(Location location) => new(location);

    private static LongAt At(int global) => new(OneHandler.Global(global));

    private static LongBinary Op(LongOperator operation, LongExpression left, LongExpression right) => new(operation, left, right, 0);

    private static LongBinary Plus(LongExpression left, LongExpression right) => Op(LongOperator.Add, left, right);

    private static StoreLong Store(int global, LongExpression value) => new(OneHandler.Global(global), value);

    private static StoreString Store(int global, StringExpression value) => new(OneHandler.GlobalString(global), value);

    private static LoweredBlock Block(params LoweredStatement[] statements) => new(statements);

    private static LongBinary DivisionByZero() => Op(LongOperator.Divide, C(1), At(99));

    [Fact]
    public void An_error_ends_the_handler_is_recorded_and_fails_the_session()
    {
        var (result, outcome) = _one.Evaluate(
            1,
            (_, memory) => memory.Word(SessionCells.State) = (long)SessionState.Running,
            Store(0, C(1)),
            Store(1, DivisionByZero()),
            Store(2, C(1)));
        Assert.Equal(HandlerOutcome.Failed, outcome);
        Assert.Equal((1, 0, 0), (result.Long(0), result.Long(1), result.Long(2)));
        Assert.Equal((1, (long)SessionState.Failed), (result.At(SessionCells.Errors), result.At(SessionCells.State)));
        byte[] record = Assert.Single(result.Records);
        Assert.Equal(
            (RecordFormat.Error, (long)RuntimeError.DivisionByZero), (BitConverter.ToUInt32(record), BitConverter.ToInt64(record, 8)));
    }

    [Fact]
    public void As_many_errors_as_allowed_leave_the_session_running()
    {
        var (result, _) = _one.Evaluate(
            2,
            (_, memory) => (memory.Word(SessionCells.State), memory.Word(SessionCells.MaxErrors)) = ((long)SessionState.Running, 2),
            Store(1, DivisionByZero()));
        Assert.Equal((2, (long)SessionState.Running), (result.At(SessionCells.Errors), result.At(SessionCells.State)));
    }

    [Fact]
    public void Only_the_first_error_of_an_expression_is_raised()
    {
        LongExpression fault = new TargetLoad(Plus(DivisionByZero(), C(16)), 8, false, 0);
        var result = _one.Evaluate(new LoweredTry(Store(0, fault), Store(0, new ErrorText(OneHandler.StringSlot(0)))));
        Assert.Equal("division by 0", result.Text(0));
        Assert.Empty(result.Records);
    }

    [Fact]
    public void A_failing_statement_changes_nothing()
    {
        ArrayLayout array = _one.Array("a", [ScriptType.Long], ScriptType.Long, 8);
        Value[] keys = [DivisionByZero()];
        LoweredStatement Try(LoweredStatement body) => new LoweredTry(body, Block());
        var result = _one.Evaluate(
            Store(0, C(5)),
            Store(0, _one.Literal("kept")),
            new EnterEntry(OneHandler.Slot(0), array, [C(0)], 0),
            Try(Store(0, DivisionByZero())),
            Try(new AtomicAdd(OneHandler.Global(0), DivisionByZero())),
            Try(Store(0, new StringFormat(
                OneHandler.StringSlot(0), [new ConversionPiece(FormatConversion.Signed, 0, null, null, DivisionByZero())]))),
            Try(new EnterEntry(OneHandler.Slot(0), array, keys, 0)),
            Try(new DeleteEntry(array, keys)),
            Try(new LoweredIf(DivisionByZero(), Store(0, C(6)), Store(0, C(7)))),
            Try(new LoweredLoop(null, DivisionByZero(), Store(0, C(8)), null)),
            Try(_one.Print(_one.Piece("x"), new ConversionPiece(FormatConversion.Signed, 0, null, null, DivisionByZero()))));
        Assert.Equal((5, "kept", 1), (result.Long(0), result.Text(0), result.At(array.Offset + ArrayLayout.CountAt)));
        Assert.Empty(result.Records);
    }

    [Fact]
    public void An_error_of_the_script_has_its_own_words()
    {
        LoweredStatement raise = new RaiseError(_one.Literal("no disk"), 0);
        var result = _one.Evaluate(new LoweredTry(raise, Store(0, new ErrorText(OneHandler.StringSlot(0)))), raise);
        Assert.Equal("no disk", result.Text(0));
        Assert.Equal("no disk", System.Text.Encoding.ASCII.GetString(Assert.Single(result.Records), 40, 7));
    }

    [Fact]
    public void Target_memory_is_read_and_an_unreadable_address_is_a_read_fault()
    {
        StringExpression Read(LongExpression address) => new TargetString(OneHandler.StringSlot(0), address, 0);
        var result = _one.Evaluate(
            Store(0, Read(OneHandler.Argument(1))),
            Store(1, Read(Plus(OneHandler.Argument(1), C(2)))),
            new LoweredTry(Store(0, new TargetLoad(C(16), 4, false, 0)), Store(2, new ErrorText(OneHandler.StringSlot(1)))),
            new LoweredTry(Store(3, Read(C(-1))), Store(3, new ErrorText(OneHandler.StringSlot(1)))),
            Store(1, new TargetLoad(OneHandler.Argument(1), 2, false, 0)),
            Store(2, OneHandler.Argument(2)));
        Assert.Equal("text", result.Text(0));
        Assert.Equal("xt", result.Text(1));
        Assert.Equal("read fault [man error::fault] at 0x10", result.Text(2));
        Assert.Equal("read fault [man error::fault] at 0xffffffffffffffff", result.Text(3));
        Assert.Equal(('t' + ('e' << 8), 7), (result.Long(1), result.Long(2)));
    }

    [Theory]
    [InlineData(1, false, 0x80)]
    [InlineData(1, true, -0x80)]
    [InlineData(2, true, -0x7f80)]
    [InlineData(4, false, 0x80818080L)]
    [InlineData(8, true, 0x7f80818080)]
    public void Values_of_the_target_are_widened_by_sign_or_zeros(int size, bool signExtend, long expected)
    {
        MachineExpression wide = new BinaryValue(
            MachineOperator.Add, MachineExpression.Constant(0x7f80818080),
            new BinaryValue(MachineOperator.Multiply, MachineExpression.Constant(0), MachineExpression.Constant(9)));
        Assert.Equal(expected, _one.Evaluate(Store(0, TargetReads.Of(new ExtendValue(wide, size, signExtend), 0))).Long(0));
    }

    [Fact]
    public void Context_values_are_the_contexts_own()
    {
        ContextValue[] values =
        [
            ContextValue.Pid,
            ContextValue.Tid,
            ContextValue.Ppid,
            ContextValue.Uid,
            ContextValue.Gid,
            ContextValue.Cpu,
            ContextValue.InstructionPointer,
            ContextValue.Argument2,
        ];
        LoweredStatement[] body =
        [
            .. values.Select((value, i) => Store(i, new ContextLong(value))),
            Store(0, new ThreadName(OneHandler.StringSlot(0), false)),
            Store(1, new ThreadName(OneHandler.StringSlot(0), true)),
        ];
        var result = _one.Evaluate(body);
        Assert.Equal([100, 101, 1, 1000, 1001, 3, 0x401000, 0x7000], Enumerable.Range(0, values.Length).Select(result.Long));
        Assert.Equal(("worker", "init"), (result.Text(0), result.Text(1)));
    }

    [Fact]
    public void Time_comes_from_the_clock_that_programs_of_the_kernel_have()
    {
        ContextValue[] values =
        [
            ContextValue.MonotonicNanoseconds, ContextValue.RealtimeNanoseconds, ContextValue.Cycles, ContextValue.Target
        ];
        long before = System.Diagnostics.Stopwatch.GetTimestamp();
        var (result, _) = _one.Evaluate(1, (_, memory) =>
        {
            memory.Word(SessionCells.RealtimeOffset) = 1L << 60;
            memory.Word(SessionCells.CyclesPerNanosecond) = 5L << 31;
            memory.Word(SessionCells.Target) = 4711;
        }, [.. values.Select((value, i) => Store(i, new ContextLong(value)))]);
        long after = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.InRange(result.Long(0), before, after);
        Assert.InRange(result.Long(1), before + (1L << 60), after + (1L << 60));
        Assert.InRange(result.Long(2), before / 2 * 5, (after + 1) / 2 * 5 + 5);
        Assert.Equal(4711, result.Long(3));
    }

    [Fact]
    public void Loops_nest_break_continue_and_leave()
    {
        ContextSlot i = OneHandler.Slot(0), j = OneHandler.Slot(1);
        LoweredStatement Step(ContextSlot location) => new StoreLong(location, Plus(At(location), C(1)));
        LoweredStatement inner = new LoweredLoop(null, Op(LongOperator.Less, At(j), C(10)), Block(
            new LoweredIf(Op(LongOperator.Equal, At(j), C(3)), new LoweredContinue(), null),
            new LoweredIf(Op(LongOperator.Equal, At(j), C(7)), new LoweredBreak(), null),
            Store(0, Plus(At(0), C(1)))), Step(j));
        LoweredStatement outer = new LoweredLoop(
            Step(i),
            Op(LongOperator.LessOrEqual, At(i), C(5)),
            Block(new StoreLong(j, C(0)), inner, new LoweredIf(Op(LongOperator.Equal, At(i), C(4)), new LoweredLeave(), null)),
            null);
        var result = _one.Evaluate(new StoreLong(i, C(0)), outer, Store(1, C(1)));
        Assert.Equal((24, 0), (result.Long(0), result.Long(1)));
    }

    [Fact]
    public void Actions_run_out_and_no_catch_gives_more()
    {
        LoweredStatement forever = new LoweredLoop(null, C(1), Block(new CountActions(1, 0), Store(0, Plus(At(0), C(1)))), null);
        var result = _one.Evaluate(new LoweredTry(forever, Store(1, C(1))));
        Assert.Equal((1000, 0, 1), (result.Long(0), result.Long(1), result.At(SessionCells.Errors)));
        Assert.Equal((long)RuntimeError.ActionsExceeded, BitConverter.ToInt64(Assert.Single(result.Records), 8));
    }

    [Fact]
    public void A_recursive_function_has_its_slots_for_each_call()
    {
        // f(n) = n < 2 ? n : f(n - 1) + f(n - 2); what is passed and given back lies outside of the slots that a call saves.
        ContextSlot n = OneHandler.Slot(0), first = OneHandler.Slot(1), argument = OneHandler.Slot(2), value = OneHandler.Slot(3);
        var f = new LoweredFunction("f") { IsRecursive = true, SlotsOffset = n.Offset, SlotsBytes = 16 };
        LoweredStatement Call(LongExpression passed) => Block(new StoreLong(argument, passed), new LoweredCall(f, -1));
        f.Body = Block(
            new StoreLong(n, At(argument)),
            new LoweredIf(Op(LongOperator.Less, At(n), C(2)), Block(new StoreLong(value, At(n)), new LoweredReturn()), null),
            Call(Op(LongOperator.Subtract, At(n), C(1))),
            new StoreLong(first, At(value)),
            Call(Op(LongOperator.Subtract, At(n), C(2))),
            new StoreLong(value, Plus(At(first), At(value))));
        _one.Functions.Add(f);
        var result = _one.Evaluate(Call(C(10)), Store(0, At(value)));
        Assert.Equal((55, 0), (result.Long(0), result.At(SessionCells.Errors)));
    }

    [Fact]
    public void Recursion_without_end_is_an_error()
    {
        var f = new LoweredFunction("f") { IsRecursive = true, SlotsOffset = OneHandler.Slot(0).Offset, SlotsBytes = 8 };
        f.Body = new LoweredCall(f, -1);
        _one.Functions.Add(f);
        LoweredProgram program = _one.Program(new LoweredTry(new LoweredCall(f, -1), Store(0, new ErrorText(OneHandler.StringSlot(0)))));
        using var memory = new PrivateMemory(program.Layout);
        Assert.Equal(
            HandlerOutcome.Completed,
            new Evaluator(program, memory.View, new EvaluatorRun.Records()).Run(program.Handlers[0], OwnContext.Instance));
        Assert.Equal("MAXNESTING exceeded", new OneHandler.Result(memory.View.All.ToArray(), []).Text(0));
    }

    [Theory]
    [InlineData(SessionState.Starting, SessionState.Stopping)]
    [InlineData(SessionState.Running, SessionState.Stopping)]
    [InlineData(SessionState.Failed, SessionState.Failed)]
    public void Exit_stops_a_session_and_lets_the_handler_finish(SessionState before, SessionState after)
    {
        var (result, _) = _one.Evaluate(
            1,
            (_, memory) => memory.Word(SessionCells.State) = (long)before,
            new RequestExit(),
            Store(0, C(1)));
        Assert.Equal(((long)after, 1), (result.At(SessionCells.State), result.Long(0)));
        Assert.Equal(RecordFormat.Exit, BitConverter.ToUInt32(Assert.Single(result.Records)));
    }

    [Fact]
    public void The_lock_is_held_to_the_end_of_the_handler_or_of_the_branch_that_took_it()
    {
        LongExpression held = At(new GlobalSlot(SessionCells.Lock));
        var result = _one.Evaluate(
            new LoweredIf(C(1), Block(new AcquireLock(), Store(0, held)), null),
            Store(1, held),
            new AcquireLock(),
            new LoweredIf(C(1), Block(new AcquireLock()), null),
            Store(2, held),
            Store(3, DivisionByZero()));
        Assert.Equal((1, 0, 1, 0), (result.Long(0), result.Long(1), result.Long(2), result.At(SessionCells.Lock)));
    }

    [Fact]
    public void Who_cannot_have_the_lock_is_counted_and_leaves_no_trace()
    {
        var (result, outcome) = _one.Evaluate(
            1,
            (_, memory) => memory.Word(SessionCells.Lock) = 1,
            _one.Print(_one.Piece("x")),
            new AcquireLock(),
            Store(0, C(1)));
        Assert.Equal(
            (HandlerOutcome.Skipped, 1, 0, 1),
            (outcome, result.At(SessionCells.SkippedByLock), result.Long(0), result.At(SessionCells.Lock)));
        Assert.Empty(result.Records);
    }

    [Fact]
    public void Prints_of_one_handler_are_one_record_however_long()
    {
        ConversionPiece Number(LongExpression value) => new(FormatConversion.Signed, 0, null, null, value);
        var text = new ConversionPiece(
            FormatConversion.String,
            0,
            null,
            null,
            new TargetString(OneHandler.StringSlot(0), OneHandler.Argument(1), 0));
        LoweredPrint many = _one.Print([.. Enumerable.Range(0, 3000).Select(i => Number(C(i)))]);
        byte[] record = Assert.Single(
            _one.Evaluate(_one.Print(Number(OneHandler.Argument(0)), text, Number(OneHandler.Argument(2))), many).Records);
        Assert.Equal(40 + 8 + (3000 * 8), record.Length);
        Assert.Equal("text\0\0\0\0", System.Text.Encoding.ASCII.GetString(record, 24, 8));
        Assert.Equal(2999, BitConverter.ToInt64(record, record.Length - 8));
    }

    [Fact]
    public void Memory_dumps_are_read_from_the_target()
    {
        ConversionPiece Dump(LongExpression? precision, LongExpression address) =>
            new(FormatConversion.MemoryHexadecimal, 0, null, precision, address);
        ErrorText Error(int slot) => new(OneHandler.StringSlot(slot));
        var result = _one.Evaluate(
            _one.Print(Dump(C(4), OneHandler.Argument(1)), Dump(null, OneHandler.Argument(1))),
            Store(0, new StringFormat(OneHandler.StringSlot(0), [Dump(OneHandler.Argument(2), OneHandler.Argument(1))])),
            new LoweredTry(_one.Print(Dump(C(5000), OneHandler.Argument(1))), Store(1, Error(1))),
            new LoweredTry(_one.Print(Dump(C(5), C(8))), Store(2, Error(1))));
        Assert.Equal("74657874000000", result.Text(0));
        Assert.Equal("5000 is too many bytes for a memory dump", result.Text(1));
        Assert.Equal("read fault [man error::fault] at 0x8", result.Text(2));
        Assert.Equal("text\0\0\0\0", System.Text.Encoding.ASCII.GetString(Assert.Single(result.Records), 16, 8));
    }

    [Theory]
    [InlineData(0, 3, "abc")]
    [InlineData(4, 10, "ef")]
    [InlineData(2, 0, "")]
    [InlineData(-1, 3, "")]
    [InlineData(6, 1, "")]
    [InlineData(0, -1, "")]
    [InlineData(long.MaxValue, long.MaxValue, "")]
    [InlineData(1, long.MaxValue, "bcdef")]
    [InlineData(1, long.MinValue, "")]
    public void Parts_of_strings_are_cut_out_or_empty(long start, long length, string expected) =>
        Assert.Equal(
            expected,
            _one.Evaluate(Store(0, new Substring(OneHandler.StringSlot(0), _one.Literal("abcdef"), C(start), C(length)))).Text(0));

    [Fact]
    public void Strings_are_cut_at_MAXSTRINGLEN_and_counted()
    {
        _one.MaxStringLength = 16;
        StringLiteral text = _one.Literal("abcdef");
        var result = _one.Evaluate(
            Store(0, new StringConcat(OneHandler.StringSlot(0), new StringConcat(OneHandler.StringSlot(1), text, text), text)),
            Store(
                1,
                new StringFormat(
                    OneHandler.StringSlot(2),
                    [_one.Piece("0123456789"), new ConversionPiece(FormatConversion.Signed, 0, null, null, C(1234567)),
                        _one.Piece("!")])));
        Assert.Equal(("abcdefabcdefabc", "012345678912345", 3), (result.Text(0), result.Text(1), result.At(SessionCells.CutStrings)));
    }

    [Fact]
    public void Offsets_that_a_script_could_never_make_stay_within_the_memory()
    {
        ArrayLayout array = _one.Array("a", [ScriptType.String], ScriptType.String, 8);
        foreach (long wild in new[] { long.MaxValue, long.MinValue, -1, 1L << 40 })
        {
            Location location = new EntryField(array, C(wild), array.ValueOffset);
            var (result, outcome) = _one.Evaluate(1, (_, memory) => memory.Word(SessionCells.State) = (long)SessionState.Running,
                new LoweredIf(At(location), Block(), null),
                Store(0, new NextEntry(array, C(wild), false)),
                Store(0, new StringAt(location)),
                new StoreLong(new EntryField(array, C(wild), int.MaxValue), C(0)),
                new StoreString(location, new StringAt(location)),
                new EnterEntry(OneHandler.Slot(0), array, [new StringAt(location)], 0));
            Assert.Equal(
                (HandlerOutcome.Completed, (long)SessionState.Running, 0),
                (outcome, result.At(SessionCells.State), result.At(SessionCells.Errors)));
            Assert.Equal(1, result.At(array.Offset + ArrayLayout.CountAt));
            Assert.Empty(result.Records);
        }
    }

    [Fact]
    public void A_corrupt_array_ends_every_operation_on_it()
    {
        ArrayLayout array = _one.Array("a", [ScriptType.Long], ScriptType.Long, 8);
        Value[] keys = [OneHandler.Argument(0)];
        var random = new Random(1);
        // Where its links lead is left open, but that each operation comes to its end is not.
        var (_, outcome) = _one.Evaluate(
            50,
            (_, memory) => random.NextBytes(memory.Bytes(array.Offset, array.BucketsOffset + (int)array.StorageBytes - array.Offset)),
            new LoweredTry(new EnterEntry(OneHandler.Slot(0), array, keys, 0), Block()),
            new SortArray(array, array.ValueOffset, ScriptType.Long, true),
            new DeleteEntry(array, keys));
        Assert.Equal(HandlerOutcome.Completed, outcome);
    }

    [Fact]
    public void Virtap_is_the_context_of_begin_and_end()
    {
        OwnContext own = OwnContext.Instance;
        Assert.Equal((Environment.ProcessId, "virtap"), (own.Pid, System.Text.Encoding.UTF8.GetString(own.ThreadName(false))));
        var self = new ProcessEventContext(Environment.ProcessId, 5, "name"u8);
        Assert.Equal(
            (own.Ppid, own.Uid, own.Gid, 5, "name"),
            (self.Ppid, self.Uid, self.Gid, self.Tid, System.Text.Encoding.UTF8.GetString(self.ThreadName(false))));
        Assert.NotEqual(0, own.ThreadName(true).Length);
        Assert.Equal(
            (0, 0u), (new ProcessEventContext(int.MaxValue, 5, "gone"u8).Ppid, new ProcessEventContext(int.MaxValue, 5, "gone"u8).Uid));
    }
}
