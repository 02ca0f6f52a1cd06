namespace Virtap.Language.Binding.Targets;

/// <summary>Knows which probe points there are. The binder asks once for each probe point that is not an alias.</summary>
public interface IProbeResolver
{
    /// <summary>Resolves a probe point, wildcards included, to everything that it stands for, in a stable order.</summary>
    ProbeResolution Resolve(ProbePoint point);
}
