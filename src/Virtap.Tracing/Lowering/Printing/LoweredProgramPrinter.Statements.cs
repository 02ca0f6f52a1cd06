using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering.Printing;

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
            case SortArray sort: Line($"sort {sort.Array.Name} by +{sort.FieldOffset}{(sort.FieldIsString ? " as strings" : "")}{(sort.Descending ? ", descending" : "")}"); break;
            case LoweredIf condition: PrintIf(condition); break;
            case LoweredLoop loop: PrintLoop(loop); break;
            case LoweredBreak: Line("break"); break;
            case LoweredContinue: Line("continue"); break;
            case LoweredCall call: Line($"call {call.Function.Name}"); break;
            case LoweredReturn: Line("return"); break;
            case LoweredLeave: Line("leave"); break;
            case RequestExit: Line("exit"); break;
            case RaiseError raise: Line($"error {Text(raise.Text)}"); break;
            case LoweredTry attempt: PrintTry(attempt); break;
            case LoweredPrint print: Line($"print{(print.Format.Channel == PrintChannel.Warning ? " warning" : "")} #{print.Format.Id} {Text(print.Format.Pieces)}"); break;
            case CountActions count: Line($"count {count.Count}"); break;
            case AcquireLock: Line("lock"); break;
            default: Line(statement.ToString()); break;
        }
    }

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
