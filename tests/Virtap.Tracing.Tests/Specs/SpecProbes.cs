using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Tests.Lowering;
using Virtap.Tracing.Tests.Probes;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>
/// Every probe point that there is, and two more, which have the same names and arguments on each machine: <c>subject</c>, the target's
/// call of <c>work</c>, and <c>subjects</c>, its calls of alpha, beta and gamma after that.
/// </summary>
/// <param name="machine">Who runs what is meant for the target.</param>
/// <param name="program">The target's program.</param>
internal sealed class SpecProbes(SpecMachine machine, string program) : IProbeResolver, IDisposable
{
    private static readonly ScriptTargets s_subjects = new();

    private readonly ProbeResolver _probes = new(new ProbeOptions { Command = program });

    public ProbeResolution Resolve(ProbePoint point)
    {
        if (point.Components[0].Name is not ("subject" or "subjects"))
            return _probes.Resolve(point);
        ProbeResolution resolution = s_subjects.Resolve(point);
        return machine == SpecMachine.Process ? resolution
            : new ProbeResolution([.. resolution.Targets.Cast<ScriptTargets.Call>().Select(call => new InKernel(call, Function(call)))]);
    }

    public void Dispose() => _probes.Dispose();

    private FunctionTarget Function(ScriptTargets.Call call)
    {
        ProbePoint point = Point.Of($"process(\"{program}\").function(\"{call.Function}\")");
        return Assert.IsType<FunctionTarget>(Assert.Single(_probes.Resolve(point).Targets));
    }

    /// <summary>A call of the real function.</summary>
    private sealed class InKernel(ScriptTargets.Call call, FunctionTarget function)
        : CodeTarget(function.Binary, function.Address, function.FileOffset, null)
    {
        public override string Point => call.Point;

        public override string? Function => call.Function;

        public override IReadOnlyList<TargetVariable> Variables => call.Variables;

        public override TargetLookup Find(string name) => call.Find(name);
    }
}
