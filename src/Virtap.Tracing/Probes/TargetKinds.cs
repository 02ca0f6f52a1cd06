using Virtap.Language.Binding;
using Virtap.Tracing.Lowering;

namespace Virtap.Tracing.Probes;

/// <summary>Where the handlers of this room's targets run.</summary>
public static class TargetKinds
{
    /// <summary>Where a target's handler runs.</summary>
    /// <exception cref="ArgumentException">The target is none of this room's.</exception>
    public static HandlerKind Of(ProbeTarget target) => target switch
    {
        CodeTarget => HandlerKind.InTarget,
        TimerTarget or ProcessEventTarget => HandlerKind.InProcess,
        LifecycleTarget => HandlerKind.Alone,
        _ => throw new ArgumentException($"{target.GetType().Name} is no target of a session", nameof(target)),
    };
}
