using System.Runtime.CompilerServices;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// Calls. The slots of a recursive function are saved before it runs and restored after it, so that each of its calls has its own; what a
/// caller passes and gets back to it lies outside of them.
/// </summary>
public sealed partial class Evaluator
{
    private byte[] _saved = [];
    private int _savedBytes;

    private Flow Call(LoweredFunction function, int site)
    {
        // MAXNESTING is the program's own to count; the stack's end is for those who raise it too far.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Raise(RuntimeError.NestingExceeded, site);
            return Flow.Fail;
        }

        if (function.IsRecursive)
            Save(function);
        Flow flow = Execute(function.Body);
        if (function.IsRecursive)
            Restore(function);
        return flow is Flow.Return ? Flow.Next : flow;
    }

    private void Save(LoweredFunction function)
    {
        if (_saved.Length - _savedBytes < function.SlotsBytes)
            Array.Resize(ref _saved, Math.Max(_saved.Length * 2, _savedBytes + function.SlotsBytes));
        _memory.Bytes(_own + function.SlotsOffset, function.SlotsBytes).CopyTo(_saved.AsSpan(_savedBytes));
        _savedBytes += function.SlotsBytes;
    }

    private void Restore(LoweredFunction function)
    {
        _savedBytes -= function.SlotsBytes;
        _saved.AsSpan(_savedBytes, function.SlotsBytes).CopyTo(_memory.Bytes(_own + function.SlotsOffset, function.SlotsBytes));
    }
}
