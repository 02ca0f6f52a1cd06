using System.Globalization;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Bpf.Kernel;
using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes;

/// <summary>The entry or the return of system calls.</summary>
/// <param name="point">The probe point.</param>
/// <param name="name">The call's name in the kernel; null for every call.</param>
/// <param name="callName">What it is called behind <c>syscall.</c>; null for every call.</param>
/// <param name="number">The call's number; null for every call.</param>
/// <param name="atReturn">Whether it fires at the return.</param>
/// <param name="filter">Whose calls count.</param>
public sealed class SyscallTarget(string point, string? name, string? callName, int? number, bool atReturn, ProcessFilter filter)
    : HandledTarget
{
    /// <summary>System calls take up to six arguments, in registers: rdi rsi rdx r10 r8 r9, x0-x5.</summary>
    private const int MaxArguments = 6;

    private const string OnlyAtEntry = "only \"process(PATH_OR_PID).syscall\" support $argN or $$parms.",
        NoSuchVariable = "invalid target symbol for utrace probe, $syscall, $return, $argN or $$parms expected";

    private static readonly int[] s_registers =
        HostArchitecture.Current == Architecture.Arm64 ? [0, 1, 2, 3, 4, 5] : [5, 4, 1, 10, 8, 9];

    private static readonly KernelHook s_enter = new TracepointHook("sys_enter"), s_exit = new TracepointHook("sys_exit");

    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InTarget;

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override string ProbeType => "utrace";

    /// <inheritdoc/>
    public override KernelHook Hook => AtReturn ? s_exit : s_enter;

    /// <inheritdoc/>
    public override string? Function => name;

    /// <inheritdoc/>
    public override string? CallName => callName;

    /// <summary>The call's number; null for every call.</summary>
    public int? Number { get; } = number;

    /// <summary>Whether it fires at the return.</summary>
    public bool AtReturn { get; } = atReturn;

    /// <inheritdoc/>
    public override ProcessFilter Filter { get; } = filter;

    /// <inheritdoc/>
    public override ProbeTarget? Entry => AtReturn ? new SyscallTarget(Point, name, callName, Number, atReturn: false, Filter) : null;

    /// <inheritdoc/>
    public override bool RecallsEntry => Function is not null;

    /// <inheritdoc/>
    public override bool SharesHandlerWith(ProbeTarget other) => other is SyscallTarget { Number: int theirs } call && Number is int ours
        && (ours != theirs || call == this) && call.AtReturn == AtReturn && call.Filter == Filter;

    /// <summary>The register of an argument, from 1.</summary>
    public static MachineRegister Argument(int argument) => new(HostArchitecture.Current, s_registers[argument - 1]);

    /// <inheritdoc/>
    public override IReadOnlyList<TargetVariable> Variables => AtReturn
        ? [Variable("syscall"), Variable("return")]
        : [Variable("syscall"), .. Enumerable.Range(1, MaxArguments).Select(static number => $"arg{number}").Select(Variable)];

    /// <inheritdoc/>
    public override TargetLookup Find(string name) => name switch
    {
        // A thread is in one system call at a time.
        "__frame" => new TargetLookup(new MachineSource(MachineExpression.Constant(0), null), null),
        "syscall" => Value(new MachineRegister(HostArchitecture.Current, PtRegs.SystemCall)),
        "return" when AtReturn => Value(new MachineRegister(HostArchitecture.Current, 0)),
        ['a', 'r', 'g', .. var digits] when int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int argument) =>
            Function is null && AtReturn ? TargetLookup.None(OnlyAtEntry)
            : argument is >= 1 and <= MaxArguments ? Value(Argument(argument))
            : TargetLookup.None(string.Create(CultureInfo.InvariantCulture, $"invalid syscall argument number (1-{MaxArguments})")),
        _ when Function is not null => TargetLookup.Unknown,
        "return" => TargetLookup.None("only \"process(PATH_OR_PID).syscall.return\" support $return."),
        _ => TargetLookup.None(NoSuchVariable),
    };

    /// <inheritdoc/>
    public override string? WhyNoText(string name) => (Function, name) switch
    {
        (not null, _) => null,
        (_, "$parms") => AtReturn ? OnlyAtEntry : null,
        _ => NoSuchVariable,
    };

    private TargetVariable Variable(string name) => new(name, name, Find(name));

    private static TargetLookup Value(MachineRegister register) => new(new MachineSource(new RegisterValue(register), null), null);
}
