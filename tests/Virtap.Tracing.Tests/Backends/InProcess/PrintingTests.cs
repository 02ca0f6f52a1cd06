using System.Text;
using CsCheck;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.Ebpf;

namespace Virtap.Tracing.Tests.Backends.InProcess;

public class PrintingTests
{
    [Fact]
    public void What_printf_prints_is_what_sprintf_builds()
    {
        int compared = 0, cut = 0;
        RandomPrograms.Pieces(1).Array[0, 4].Sample(pieces => Interlocked.Increment(ref Agree(pieces) ? ref compared : ref cut));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"figure: printf against sprintf: {compared} texts compared, {cut} left out because one was cut or failed");
        Assert.True(compared > cut, $"{compared} compared, {cut} left out");
    }

    /// <summary>False where a string was cut, which printf does not do, or an argument failed.</summary>
    private static bool Agree(RandomPrograms.Piece[] pieces)
    {
        var one = new OneHandler { MaxStringLength = 240 };
        var kitchen = new RandomPrograms.Kitchen(one);
        FormatPiece[] printed = [.. pieces.Select(piece => piece(kitchen))];
        kitchen.Begin();
        ContextSlot into = kitchen.Slot();
        LoweredStatement[] body =
        [
            one.Print(printed),
            new StoreString(OneHandler.GlobalString(0), new StringFormat(into, [.. pieces.Select(piece => piece(kitchen))])),
        ];
        OneHandler.Result result = one.Evaluate(body);
        if (result.At(SessionCells.CutStrings) != 0 || result.At(SessionCells.Errors) != 0)
            return false;

        var text = new StringBuilder();
        var output = new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes)));
        var printer = new RecordPrinter(one.Program(body), output, output);
        printer.Write(Assert.Single(result.Records));
        output.Flush();
        Assert.Equal(result.Text(0), text.ToString());
        return true;
    }
}
