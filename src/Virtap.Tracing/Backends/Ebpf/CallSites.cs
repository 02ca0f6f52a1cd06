using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>From how many places of a handler's code each function is called.</summary>
internal sealed class CallSites
{
    /// <summary>Statements of a function that is short: a call takes longer than some of them.</summary>
    private const int FewStatements = 8;

    private readonly Dictionary<LoweredFunction, int> _counts = [];

    // Calls nest as deep as functions are declared: they are not followed on the stack.
    private readonly Queue<LoweredFunction> _called = [];

    public CallSites(LoweredStatement body)
    {
        Visit(body);
        while (_called.TryDequeue(out LoweredFunction? function))
            Visit(function.Body);
    }

    /// <summary>
    /// Whether the function's code may stand where it is called: there is one place only, or it is short and calls and repeats nothing.
    /// </summary>
    public bool IsInlined(LoweredFunction function) =>
        !function.IsRecursive && (_counts[function] == 1 || Statements(function.Body) <= FewStatements);

    private static int Statements(LoweredStatement? statement) => statement switch
    {
        null => 0,
        LoweredBlock block => block.Statements.Sum(Statements),
        LoweredIf condition => 1 + Statements(condition.Then) + Statements(condition.Else),
        LoweredLoop or LoweredCall or LoweredTry => FewStatements + 1,
        _ => 1,
    };

    private void Visit(LoweredStatement? statement)
    {
        switch (statement)
        {
            case LoweredBlock block:
                foreach (LoweredStatement each in block.Statements)
                    Visit(each);
                break;
            case LoweredIf condition:
                Visit(condition.Then);
                Visit(condition.Else);
                break;
            case LoweredLoop loop:
                Visit(loop.Prelude);
                Visit(loop.Body);
                Visit(loop.Step);
                break;
            case LoweredTry attempt:
                Visit(attempt.Body);
                Visit(attempt.Handler);
                break;
            case LoweredCall call:
                _counts[call.Function] = _counts.GetValueOrDefault(call.Function) + 1;
                if (_counts[call.Function] == 1)
                    _called.Enqueue(call.Function);
                break;
        }
    }
}
