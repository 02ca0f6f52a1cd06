using Virtap.Tracing.Evaluation;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Session;

/// <summary>Runs the handlers that run in this process.</summary>
internal sealed class InProcessHandlers(LoweredProgram program, FlatMemory memory, IRecordSink records)
{
    private readonly Evaluator _evaluator = new(program, memory, records);
    private readonly List<ProbeBinding<LifecycleTarget>> _lifecycle = ProbeBinding<LifecycleTarget>.In(program);

    /// <summary>Runs all handlers of an event, by their numbers, until one of them lets the session fail.</summary>
    public void RunAll(LifecycleEvent @event)
    {
        bool hadFailed = State == SessionState.Failed;
        foreach (ProbeBinding<LifecycleTarget> binding in _lifecycle.Where(b => b.Target.Event == @event).OrderBy(b => b.Target.Order))
        {
            _evaluator.Run(binding.Handler, new OwnContext(binding.Site));
            if (!hadFailed && State == SessionState.Failed)
                return;
        }
    }

    /// <summary>Runs a handler while those in targets run too.</summary>
    public void Run(LoweredHandler handler, IExecutionContext context)
    {
        using UrgentSection urgent = UrgentSection.Enter();
        _evaluator.Run(handler, context);
    }

    private SessionState State => (SessionState)Volatile.Read(ref memory.Word(SessionCells.State));
}
