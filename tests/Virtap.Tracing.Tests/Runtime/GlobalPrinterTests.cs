using System.Text;
using Virtap.Language;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.Ebpf;
using Virtap.Tracing.Tests.Backends.InProcess;

namespace Virtap.Tracing.Tests.Runtime;

public class GlobalPrinterTests
{
    [Fact]
    public void Scalars_and_arrays_are_printed_as_SystemTap_prints_unread_globals()
    {
        var one = new OneHandler();
        ArrayLayout hits = one.Array("hits", [ScriptType.String, ScriptType.Long], ScriptType.Long, 8),
        names = one.Array("names", [ScriptType.Long], ScriptType.String, 8);
        ContextSlot entry = OneHandler.Slot(0);
        LoweredStatement Hit(string kind, long number, long value) => new LoweredBlock([
            new EnterEntry(entry, hits, [one.Literal(kind), new LongConstant(number)], 0),
            new StoreLong(new EntryField(hits, new LongAt(entry), hits.ValueOffset), new LongConstant(value)),
        ]);
        LoweredStatement Name(long number, string name) => new LoweredBlock([
            new EnterEntry(entry, names, [new LongConstant(number)], 0),
            new StoreString(new EntryField(names, new LongAt(entry), names.ValueOffset), one.Literal(name)),
        ]);
        LoweredProgram program = one.Program(
            new StoreLong(OneHandler.Global(0), new LongConstant(-5)),
            new StoreLong(OneHandler.Global(1), new LongConstant(0x55aa)),
            new StoreString(OneHandler.GlobalString(0), one.Literal("a \"b\"")),
            Hit("read", 1, 3), Hit("write", -2, 7), Hit("read", 3, 7), Hit("flush", 4, -1),
            Name(1, "b"), Name(2, "c"), Name(3, "a"));
        using var memory = new PrivateMemory(program.Layout);
        memory.View.Initialize(program.Initial);
        new Evaluator(program, memory.View, new EvaluatorRun.Records()).Run(program.Handlers[0], OwnContext.Instance);

        var text = new StringBuilder();
        var output = new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes)));
        var declared = new SourceSpan(new SourceText("t.stp", "global"), 0, 6);
        GlobalPrinter.Print(memory.View, program.Layout, [
            new LoweredGlobal("n", declared, ScriptType.Long, OneHandler.Global(0).Offset, null, IsPrintedAtEnd: true),
            new LoweredGlobal("vdev", declared, ScriptType.Long, OneHandler.Global(1).Offset, null, IsPrintedAtEnd: true),
            new LoweredGlobal("s", declared, ScriptType.String, OneHandler.GlobalString(0).Offset, null, IsPrintedAtEnd: true),
            new LoweredGlobal("hits", declared, ScriptType.Long, 0, hits, IsPrintedAtEnd: true),
            new LoweredGlobal("names", declared, ScriptType.String, 0, names, IsPrintedAtEnd: true),
        ], output);
        output.Flush();
        Assert.Equal(
            "n=-5\nvdev=21930\ns=\"a \"b\"\"\n" +
            "hits[\"write\",-2]=7\nhits[\"read\",3]=7\nhits[\"read\",1]=3\nhits[\"flush\",4]=-1\n" +
            "names[2]=\"c\"\nnames[1]=\"b\"\nnames[3]=\"a\"\n",
            text.ToString());
    }
}
