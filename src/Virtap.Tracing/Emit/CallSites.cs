using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Emit;

/// <summary>From how many places of a handler's code each function is called.</summary>
internal sealed class CallSites
{
    private readonly Dictionary<LoweredFunction, int> _counts = [];

    public CallSites(LoweredStatement body) => Visit(body);

    /// <summary>Whether there is one place only, where the function's code may then stand itself.</summary>
    public bool IsOnlyOne(LoweredFunction function) => !function.IsRecursive && _counts[function] == 1;

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
                    Visit(call.Function.Body);
                break;
        }
    }
}
