using Virtap.Language.Diagnostics;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.InProcess;
using Virtap.Tracing.Tests.Lowering;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>
/// Has the evaluator run what is meant for the target: when the session runs, its calls are made, once, in the target's order.
/// </summary>
internal sealed class SubjectBackend : IBackend
{
    /// <summary>As in the target, so that what is refused there is refused here.</summary>
    public MemoryLimits Memory => VerifierReach.Limits;

    public bool Supports(HandledTarget target) => target.Kind == HandlerKind.InTarget;

    public HandlerCode Translate(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, DiagnosticBag diagnostics) =>
        new Code(program, handlers);

    private sealed class Code(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers) : HandlerCode(program, handlers)
    {
        internal override LoadedHandlers Load(SessionMemory memory, IRecordSink records, bool isTimed) =>
            new Loaded(this, memory, new Evaluator(Program, memory.View, records));
    }

    private sealed class Loaded(Code code, SessionMemory memory, Evaluator evaluator) : LoadedHandlers
    {
        private static readonly string[] s_calls = ["work", "alpha", "beta", "gamma"];

        private bool _isDone;

        public override long NextDue => _isDone ? long.MaxValue : 0;

        public override void Attach(Func<LongExpression, bool> holds, Action<SessionWarning> warn)
        {
        }

        public override bool Take()
        {
            if (_isDone)
                return false;
            _isDone = true;
            List<ProbeBinding<ScriptTargets.Call>> bindings = ProbeBinding<ScriptTargets.Call>.In(code.Handlers);
            foreach (ProbeBinding<ScriptTargets.Call> binding in s_calls.SelectMany(name => bindings.Where(b => b.Target.Function == name)))
            {
                if (memory.State == SessionState.Running)
                    evaluator.Run(binding.Handler, new EvaluatorRun.Call(0, binding.Site));
            }

            return false;
        }

        public override void Detach(Action<SessionWarning> warn)
        {
        }

        public override LossCounts AddTo(LossCounts losses) => losses;

        public override HandlerTimes TimesOf(LoweredHandler handler) => default;

        public override void Dispose()
        {
        }
    }
}
