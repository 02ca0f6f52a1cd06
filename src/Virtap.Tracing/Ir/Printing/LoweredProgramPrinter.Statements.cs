using Virtap.Language;
using Virtap.Language.Library;

namespace Virtap.Tracing.Ir.Printing;

/// <summary>Statements, one a line.</summary>
public sealed partial class LoweredProgramPrinter
{
    private void PrintNested(LoweredStatement statement)
    {
        _depth++;
        PrintStatement(statement);
        _depth--;
    }

    private void PrintStatement(LoweredStatement statement)
    {
        switch (statement)
        {
            case LoweredBlock block:
                foreach (LoweredStatement each in block.Statements)
                    PrintStatement(each);
                break;
            case StoreLong store: Line($"{Text(store.Target)} = {Text(store.Value)}"); break;
            case StoreString { Value: BuiltString built } store when built.Into == store.Target: Line(Text(built)); break;
            case StoreString store: Line($"{Text(store.Target)} := {Text(store.Value)}"); break;
            case AtomicAdd add: Line($"{Text(add.Target)} += {Text(add.Value)} # atomic"); break;
            case EnterEntry enter: Line($"{Text(enter.Into)} = enter {enter.Array.Name}[{Text(enter.Keys)}]"); break;
            case DeleteEntry delete: Line($"delete {delete.Array.Name}[{Text(delete.Keys)}]"); break;
            case ClearArray clear: Line($"clear {clear.Array.Name}"); break;
            case SortArray sort:
                string limit = sort.Limit is { } max ? $", limit {Text(max)}" : "";
                Line($"sort {sort.Array.Name} by +{sort.FieldOffset}{As(sort.FieldType)}{(sort.Descending ? ", descending" : "")}{limit}");
                break;
            case AddToStatistic add: Line($"{Text(add.Target)} <<< {Text(add.Value)}"); break;
            case MergeStatistic merge: Line($"{Text(merge.Into)} = sum of {Text(merge.Part)}"); break;
            case ClearStatistic clear: Line($"clear {Text(clear.Part)}"); break;
            case LoweredIf condition: PrintIf(condition); break;
            case LoweredLoop loop: PrintLoop(loop); break;
            case LoweredBreak: Line("break"); break;
            case LoweredContinue: Line("continue"); break;
            case LoweredCall call: Line($"call {call.Function.Name}"); break;
            case LoweredReturn: Line("return"); break;
            case LoweredLeave: Line("leave"); break;
            case RequestExit: Line("exit"); break;
            case RaiseError raise: Line($"error {Text(raise.Text)}"); break;
            case RaiseKnownError raise: Line($"error {raise.Error}"); break;
            case LoweredTry attempt: PrintTry(attempt); break;
            case LoweredPrint { Format: var site }:
                Line($"{NameOf(site.Channel)} #{site.Id} {Text(site.Pieces)}");
                break;
            case CountActions count: Line($"count {count.Count}"); break;
            case MatchPattern match:
                Line($"{Slot(match.Groups)} = match {Slot(match.Text)} =~ {Literal(match.Table.Text)}, {Slot(match.Bounds)}");
                break;
            case AcquireLock: Line("lock"); break;
            default: Line(statement.ToString()); break;
        }
    }

    private static string NameOf(PrintChannel channel) => channel switch
    {
        PrintChannel.Warning => "print warning",
        PrintChannel.Command => "run",
        PrintChannel.KernelLog => "log",
        PrintChannel.KernelTrace => "trace",
        PrintChannel.Speculation => "hold",
        PrintChannel.CommitSpeculation => "commit",
        PrintChannel.DiscardSpeculation => "discard",
        PrintChannel.NextFile => "next file",
        PrintChannel.Output => "print",
    };

    private static string As(ScriptType type) => type switch
    {
        ScriptType.String => " as strings",
        ScriptType.Statistics => " as statistics",
        ScriptType.Long or ScriptType.Unknown => "",
    };

    private void PrintIf(LoweredIf condition)
    {
        Line($"if {Text(condition.Condition)}");
        PrintNested(condition.Then);
        if (condition.Else is null)
            return;
        Line("else");
        PrintNested(condition.Else);
    }

    private void PrintLoop(LoweredLoop loop)
    {
        if (loop.Prelude is not null)
        {
            Line("loop: before each turn");
            PrintNested(loop.Prelude);
        }

        Line($"while {Text(loop.Condition)}");
        PrintNested(loop.Body);
        if (loop.Step is null)
            return;
        Line("step");
        PrintNested(loop.Step);
    }

    private void PrintTry(LoweredTry attempt)
    {
        Line("try");
        PrintNested(attempt.Body);
        Line("catch");
        PrintNested(attempt.Handler);
    }
}
