using System.Numerics;
using System.Text;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// Runs lowered handlers in this process, on the memory that the eBPF programs of the session work on: begin, end, error, timers and
/// process events, and whole sessions
/// where there is no kernel for them. To a script both machines are the same, byte for byte.
/// <para>
/// A raised error is a flag, not an exception: expressions have no effect that it would have to stop, so they go on with whatever value
/// there is, and each statement looks at
/// the flag before it does anything. One thread at a time: it has one context (<see cref="MemoryLayout.OwnContextOffset"/>, unless another
/// is named).
/// </para>
/// </summary>
public sealed partial class Evaluator
{
    /// <summary>Records are handed on when a handler has gathered so many bytes, else at its end.</summary>
    private const int FlushBytes = 65536;

    private readonly LoweredProgram _program;
    private readonly MemoryLayout _layout;
    private readonly FlatMemory _memory;
    private readonly StringMemory _strings;
    private readonly IRecordSink _records;
    private readonly RecordBuffer _output = new();
    private readonly long _own;
    private IExecutionContext _context = OwnContext.Instance;

    /// <summary>A handler's table of texts has an entry for each of its sites, up to a power of two.</summary>
    private long _siteMask;
    private bool _failing;
    private bool _holdsLock;
    private long _actionsLeft;

    /// <summary>Prepares to run a program's handlers.</summary>
    /// <param name="program">The program.</param>
    /// <param name="memory">Its memory, initialised (<see cref="FlatMemory.Initialize"/>).</param>
    /// <param name="records">Takes what handlers print, and their errors.</param>
    /// <param name="context">Which context is its own; null for this process's.</param>
    public Evaluator(LoweredProgram program, FlatMemory memory, IRecordSink records, int? context = null)
    {
        _program = program;
        _layout = program.Layout;
        _memory = memory;
        _strings = new StringMemory(memory, program.Layout);
        _records = records;
        _own = context is int number
            ? program.Layout.ContextsOffset + ((long)number * program.Layout.ContextBytes) : program.Layout.OwnContextOffset;
        (_evaluateNumber, _evaluateText) = (Evaluate, EvaluateString);
    }

    /// <summary>How long a handler waits for the session's lock before it is counted as skipped.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs a handler to its end. Whether the session's state lets it run is for the caller to say.</summary>
    /// <param name="handler">A handler of the program.</param>
    /// <param name="context">In whose name it runs.</param>
    public HandlerOutcome Run(LoweredHandler handler, IExecutionContext context)
    {
        _context = context;
        _siteMask = (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(handler.Targets.Count, 1)) - 1;
        (_failing, _holdsLock, _actionsLeft) = (false, false, handler.MaxActions);
        _savedBytes = 0;
        _output.Clear();
        _memory.Word(_own + ContextCells.Site) = context.Site;
        try
        {
            Flow end = Execute(handler.Body);
            if (end == Flow.Skip)
                return HandlerOutcome.Skipped;
            if (end == Flow.Fail)
                ReportError();
            Flush();
            return end == Flow.Fail ? HandlerOutcome.Failed : HandlerOutcome.Completed;
        }
        finally
        {
            ReleaseLock();
        }
    }

    /// <summary>Whether a probe's condition holds. One that fails does: the handler is to say so.</summary>
    public bool Holds(LongExpression condition)
    {
        (_context, _failing) = (OwnContext.Instance, false);
        bool isTrue = Evaluate(condition) != 0 || _failing;
        _failing = false;
        return isTrue;
    }

    /// <summary>Raises an error, unless one is being raised already.</summary>
    private void Raise(RuntimeError error, int site, long value = 0)
    {
        if (_failing)
            return;
        _failing = true;
        _memory.Word(_own + ContextCells.Error) = (long)error;
        _memory.Word(_own + ContextCells.ErrorSite) = site;
        _memory.Word(_own + ContextCells.ErrorValue) = value;
    }

    /// <summary>Raises an error in words of its own.</summary>
    private void RaiseText(string words)
    {
        if (_failing)
            return;
        _strings.Write(_own + ContextCells.ErrorText, Encoding.ASCII.GetBytes(words));
        Raise(RuntimeError.Raised, -1);
    }

    /// <summary>Makes the error that nobody caught a record, behind what the handler printed before it, and counts it.</summary>
    private void ReportError()
    {
        var error = (RuntimeError)_memory.Word(_own + ContextCells.Error);
        _output.Begin(RecordFormat.Error);
        _output.Append((long)error);
        _output.Append(_memory.Word(_own + ContextCells.ErrorSite));
        _output.Append(_memory.Word(_own + ContextCells.ErrorValue));
        _output.Append(error == RuntimeError.Raised ? _strings.Read(_own + ContextCells.ErrorText) : []);
        _output.End();
        long errors = Interlocked.Increment(ref _memory.Word(SessionCells.Errors));
        if (errors > _memory.Word(SessionCells.MaxErrors))
            Volatile.Write(ref _memory.Word(SessionCells.State), (long)SessionState.Failed);
    }

    private void Flush()
    {
        if (_output.Length == 0)
            return;
        _records.Write(_output.Written);
        _output.Clear();
    }

    /// <summary>Takes the session's lock; false, and counted, if it cannot be had in time.</summary>
    private bool TryAcquireLock()
    {
        if (_holdsLock)
            return true;
        _holdsLock = new SessionLock(_memory).TryTake(LockPatience);
        if (!_holdsLock)
            Interlocked.Increment(ref _memory.Word(SessionCells.SkippedByLock));
        return _holdsLock;
    }

    private void ReleaseLock()
    {
        if (!_holdsLock)
            return;
        _holdsLock = false;
        new SessionLock(_memory).Release();
    }
}
