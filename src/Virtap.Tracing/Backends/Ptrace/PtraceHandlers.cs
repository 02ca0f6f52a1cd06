using System.Runtime.InteropServices;
using Virtap.Processes.Commands;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>The session's side of the handlers that a tracer runs: the tracer is a thread of its own.</summary>
internal sealed class PtraceHandlers : LoadedHandlers
{
    /// <summary>Records printed before others get their turn.</summary>
    private const int BatchRecords = 1024;

    private readonly PtraceCode _code;
    private readonly PtraceOptions _options;
    private readonly SessionMemory _memory;
    private readonly IRecordSink _records;
    private readonly RecordQueue _queue;
    private readonly bool _isTimed;
    private TargetTracer? _tracer;

    public PtraceHandlers(PtraceCode code, PtraceOptions options, SessionMemory memory, IRecordSink records, bool isTimed)
    {
        (_code, _options, _memory, _records) = (code, options, memory, records);
        _queue = new RecordQueue(memory.View, options.OutputBytes);
        _isTimed = isTimed;
    }

    public override int Sites => _tracer?.Sites ?? 0;

    public override IEnumerable<SafeHandle> Wakes => [_queue.Handle];

    public override bool TracesTargets => _tracer is { IsTracing: true };

    public override CommandExit? EndOf(int process) => _tracer?.EndOf(process);

    public override void Attach(Func<LongExpression, bool> holds, Action<SessionWarning> warn)
    {
        _tracer = new TargetTracer(_code, _options.Ledger, _memory, _queue, _isTimed);
        foreach (SessionWarning warning in _tracer.Start())
            warn(warning);
    }

    public override void TakeLiving(int? except) => _tracer?.TakeLiving(except);

    public override bool Take()
    {
        _tracer?.ThrowIfFailed();
        for (int i = 0; i < BatchRecords; i++)
        {
            if (_queue.Take() is not { } record)
                return false;
            _records.Write(record);
        }

        return true;
    }

    public override void Detach(Action<SessionWarning> warn)
    {
        _tracer?.Stop();
        foreach (SessionWarning warning in _tracer?.TakeWarnings() ?? [])
            warn(warning);
    }

    public override LossCounts AddTo(LossCounts losses) => losses;

    public override HandlerTimes TimesOf(LoweredHandler handler) => _tracer?.TimesOf(handler) ?? default;

    public override void Dispose()
    {
        _tracer?.Dispose();
        _queue.Dispose();
    }
}
