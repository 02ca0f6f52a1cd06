using System.Text;
using CsCheck;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Output;
using Virtap.Tracing.Tests.Emit;

namespace Virtap.Tracing.Tests.Evaluation;

public class PrintingTests
{
    [Fact]
    public void What_printf_prints_is_what_sprintf_builds() => RandomPrograms.Pieces(1).Array[0, 4].Sample(pieces =>
    {
        var one = new OneHandler { MaxStringLength = 240 };
        var kitchen = new RandomPrograms.Kitchen(one);
        FormatPiece[] printed = [.. pieces.Select(piece => piece(kitchen))];
        kitchen.Begin();
        SlotPlace into = kitchen.Slot();
        LoweredStatement[] body = [one.Print(printed), new StoreString(OneHandler.GlobalString(0), new StringFormat(into, [.. pieces.Select(piece => piece(kitchen))]))];
        OneHandler.Result result = one.Evaluate(body);
        if (result.At(SessionCells.CutStrings) != 0 || result.At(SessionCells.Errors) != 0)
            return;

        var text = new StringBuilder();
        var output = new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes)));
        var printer = new RecordPrinter(one.Program(body), output, output);
        printer.Write(Assert.Single(result.Records));
        output.Flush();
        Assert.Equal(result.Text(0), text.ToString());
    });
}
