using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Tests.Backends.InProcess;
using Virtap.Tracing.Tests.Probes;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>
/// The probe points of test scripts: begin, end and error; <c>tick</c>, which runs in this process beside others; <c>subject</c>, a call
/// of <c>work(n, "text", 7)</c>, and <c>subjects</c>, three places at once.
/// </summary>
internal sealed class ScriptTargets : IProbeResolver
{
    public ProbeResolution Resolve(ProbePoint point)
    {
        ProbePointComponent component = point.Components[0];
        return component.Name switch
        {
            "begin" => new([new LifecycleTarget(point.ToString(), LifecycleEvent.Begin, component.Number ?? 0)]),
            "end" => new([new LifecycleTarget(point.ToString(), LifecycleEvent.End, component.Number ?? 0)]),
            "error" => new([new LifecycleTarget(point.ToString(), LifecycleEvent.Error, component.Number ?? 0)]),
            "tick" => new([new TimerTarget("tick", 1_000_000, 0)]),
            "subject" => new([new Call("subject", "work")]),
            "subjects" => new([new Call("subject.a", "alpha"), new Call("subject.b", "beta"), new Call("subject.c", "gamma")]),
            _ => new([], "no match"),
        };
    }

    /// <summary>A call whose arguments are read from their registers on x86-64.</summary>
    internal sealed class Call(string point, string function) : HandledTarget
    {
        private static readonly (string Name, int Register)[] s_arguments = [("n", 5), ("text", 4), ("seven", 1)];

        public override HandlerKind Kind => HandlerKind.InTarget;

        public override string Point => point;

        public override string? Function => function;

        public override IReadOnlyList<TargetVariable> Variables =>
            [.. s_arguments.Select(each => new TargetVariable(each.Name, each.Name, Find(each.Name)))];

        public override TargetLookup Find(string name)
        {
            foreach ((string argument, int register) in s_arguments)
            {
                if (argument == name)
                    return new TargetLookup(
                        new MachineSource(
                            new RegisterValue(new MachineRegister(Architecture.X64, register)),
                            CTypeName.Parse(name == "text" ? "char *" : "long")),
                        null);
            }

            return TargetLookup.Unknown;
        }
    }
}
