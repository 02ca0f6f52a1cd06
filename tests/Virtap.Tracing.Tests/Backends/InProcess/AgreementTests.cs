using System.Text;
using CsCheck;
using Virtap.Bpf.Tests.Support;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Tests.Backends.Ebpf;

namespace Virtap.Tracing.Tests.Backends.InProcess;

/// <summary>
/// The two machines are one to a script: whatever a handler does, the evaluator and the real kernel leave the same memory and send the
/// same records.
/// </summary>
public class AgreementTests
{
    /// <summary>Expressions that share one program, because loading one costs tens of milliseconds.</summary>
    private const int Batch = 4;

    /// <summary>Calls of a program, each with numbers of its own.</summary>
    private const int Calls = 12;

    private static void Compare(OneHandler one, LoweredStatement[] body)
    {
        OneHandler.Result kernel = one.Run(Calls, 1, body);
        OneHandler.Result evaluator = one.Evaluate(Calls, body);
        string what = string.Join("\n", body.Select(Describe));
        Assert.True(
            kernel.Records.Count == evaluator.Records.Count,
            $"{kernel.Records.Count} records of the kernel, {evaluator.Records.Count} here\n{what}");
        foreach ((byte[] there, byte[] here) in kernel.Records.Zip(evaluator.Records))
            Assert.True(there.SequenceEqual(here), $"in the kernel:\n{Show(there)}\nhere:\n{Show(here)}\n{what}");
        foreach (int cell in new[] { SessionCells.CutStrings, SessionCells.Errors, SessionCells.State, SessionCells.Lock })
            Assert.True(
                kernel.At(cell) == evaluator.At(cell), $"cell {cell}: {kernel.At(cell)} in the kernel, {evaluator.At(cell)} here\n{what}");
    }

    private static string Show(byte[] record) => $"{Encoding.Latin1.GetString(record)}\n{Convert.ToHexString(record)}";

    /// <summary>A tree in one line, so that a failure can be read.</summary>
    private static string Describe(object? node) => node switch
    {
        null => "",
        string text => $"'{text}'",
        LongConstant constant => $"{constant.Value}",
        StringLiteral literal => Describe(literal.Text),
        LongAt at => Describe(at.Location),
        StringAt at => "$" + Describe(at.Location),
        ContextSlot slot => $"slot{slot.Offset}",
        GlobalSlot global => $"g{global.Offset}",
        ArrayLayout array => array.Name,
        System.Collections.IEnumerable list => "[" + string.Join(", ", list.Cast<object>().Select(Describe)) + "]",
        LoweredStatement or FormatPiece or Value => node.GetType().Name + "("
            + string.Join(
                ", ", node.GetType().GetProperties().Where(p => p.Name != "EqualityContract").Select(p => Describe(p.GetValue(node))))
                    + ")",
        _ => node.ToString()!,
    };

    /// <summary>Loads the numbers of this call, and texts.</summary>
    private static LoweredStatement[] Prologue(OneHandler one, RandomPrograms.Kitchen kitchen, long[] numbers)
    {
        GlobalSlot table = one.Words(numbers);
        LongExpression ofCall = new LongBinary(
            LongOperator.Add,
            new LongBinary(LongOperator.Multiply, OneHandler.Argument(0), new LongConstant(RandomPrograms.Numbers * 8)),
            new LongConstant(table.Offset));
        return
        [
            .. Enumerable.Range(0, RandomPrograms.Numbers).Select(
                i => new StoreLong(OneHandler.Global(i), OneHandler.WordAt(ofCall, i * 8))),
            .. Enumerable.Range(0, RandomPrograms.Texts).Select(i => new StoreString(OneHandler.GlobalString(i), kitchen.Literal(i * 2))),
        ];
    }

    /// <summary>Sends every number and every text.</summary>
    private static LoweredPrint Epilogue(OneHandler one, int numbers, int texts) => one.Print(
    [
        .. Enumerable.Range(0, numbers).Select(
            i => new ConversionPiece(FormatConversion.Signed, 0, null, null, new LongAt(OneHandler.Global(i)))),
        .. Enumerable.Range(0, texts).Select(
            i => new ConversionPiece(FormatConversion.String, 0, null, null, new StringAt(OneHandler.GlobalString(i)))),
    ]);

    /// <summary>An error becomes a number, or a text, of its own.</summary>
    private static LoweredTry OrError(LoweredStatement statement, Func<ErrorText, LoweredStatement> store) =>
        new LoweredTry(statement, store(new ErrorText(OneHandler.StringSlot(0))));

    [Fact]
    public void Expressions_have_the_same_values_in_the_kernel_and_here()
    {
        RealKernel.Require();
        Gen.Select(
            RandomPrograms.Constants.Array[RandomPrograms.Numbers * Calls], RandomPrograms.Longs(3).Array[Batch],
            RandomPrograms.Strings(2).Array[Batch]).Sample((numbers, longs, texts) =>
        {
            var one = new OneHandler { MaxStringLength = 64 };
            var kitchen = new RandomPrograms.Kitchen(one);
            List<LoweredStatement> body = [.. Prologue(one, kitchen, numbers)];
            for (int i = 0; i < Batch; i++)
            {
                kitchen.Begin();
                GlobalSlot number = OneHandler.Global(RandomPrograms.Numbers + i), text = OneHandler.GlobalString(RandomPrograms.Texts + i);
                body.Add(OrError(new StoreLong(number, longs[i](kitchen)), error => new StoreLong(number, new StringLength(error))));
                kitchen.Begin();
                body.Add(OrError(new StoreString(text, texts[i](kitchen)), error => new StoreString(text, error)));
            }

            body.Add(Epilogue(one, RandomPrograms.Numbers + Batch, RandomPrograms.Texts + Batch));
            Compare(one, [.. body]);
        }, iter: 25, threads: 1);
    }

    [Fact]
    public void Statements_do_the_same_in_the_kernel_and_here()
    {
        RealKernel.Require();
        Gen.Select(RandomPrograms.Constants.Array[RandomPrograms.Numbers * Calls], RandomPrograms.Statements(3).Array[4])
            .Sample((numbers, statements) =>
        {
            var one = new OneHandler { MaxStringLength = 64 };
            var kitchen = new RandomPrograms.Kitchen(one);
            LoweredStatement body = new LoweredBlock([.. Prologue(one, kitchen, numbers), .. statements.Select(each => each(kitchen))]);
            LoweredStatement epilogue = Epilogue(one, RandomPrograms.Numbers, RandomPrograms.Texts);
            Compare(one, [new LoweredTry(body, epilogue), epilogue]);
        }, iter: 25, threads: 1);
    }

    [Fact]
    public void No_catch_gives_more_actions_in_the_kernel_nor_here()
    {
        RealKernel.Require();
        var one = new OneHandler();
        GlobalSlot n = OneHandler.Global(0);
        LoweredStatement forever = new LoweredLoop(
            null,
            new LongConstant(1),
            new LoweredBlock(
                [new CountActions(1, 0), new StoreLong(n, new LongBinary(LongOperator.Add, new LongAt(n), new LongConstant(1)))]),
            null);
        Compare(one, [new LoweredTry(new LoweredTry(forever, Epilogue(one, 1, 0)), Epilogue(one, 1, 0))]);
    }
}
