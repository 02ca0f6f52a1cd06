using System.Diagnostics;
using Virtap.Tracing.Evaluation;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Session;

/// <summary>Runs the handlers that run in this process.</summary>
internal sealed class InProcessHandlers(LoweredProgram program, FlatMemory memory, IRecordSink records, ProbeTimes? times)
{
    private readonly Evaluator _evaluator = new(program, memory, records);
    private readonly List<ProbeBinding<LifecycleTarget>> _lifecycle = ProbeBinding<LifecycleTarget>.In(program);

    /// <summary>
    /// Runs the handlers of an event, by their numbers, for as long as the session is in the state that belongs to it: after exit() no begin probe runs any more, and an error in an
    /// end probe leaves the rest to the error probes.
    /// </summary>
    public void RunAll(LifecycleEvent @event)
    {
        SessionState needed = @event switch
        {
            LifecycleEvent.Begin => SessionState.Starting,
            LifecycleEvent.End => SessionState.Stopping,
            _ => SessionState.Failed,
        };
        foreach (ProbeBinding<LifecycleTarget> binding in _lifecycle.Where(b => b.Target.Event == @event).OrderBy(b => b.Target.Order))
        {
            if (State == needed)
                Evaluate(binding.Handler, new OwnContext(binding.Site));
        }
    }

    /// <summary>Runs a handler while those in targets run too.</summary>
    public void Run(LoweredHandler handler, IExecutionContext context)
    {
        using UrgentSection urgent = UrgentSection.Enter();
        Evaluate(handler, context);
    }

    private void Evaluate(LoweredHandler handler, IExecutionContext context)
    {
        long start = times is null ? 0 : Stopwatch.GetTimestamp();
        _evaluator.Run(handler, context);
        times?.Add(handler, start);
    }

    private SessionState State => (SessionState)Volatile.Read(ref memory.Word(SessionCells.State));
}
