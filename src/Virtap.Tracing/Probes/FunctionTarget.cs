using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;

namespace Virtap.Tracing.Probes;

/// <summary>The entry or the return of a function.</summary>
/// <param name="binary">The file.</param>
/// <param name="point">The resolved probe point.</param>
/// <param name="function">The function's name; null for an address that no symbol names.</param>
/// <param name="address">Link-time address of the probed instruction.</param>
/// <param name="fileOffset">The same place as an offset in the file.</param>
/// <param name="atReturn">Whether it fires at the return.</param>
/// <param name="process">The process that it is confined to; null for all.</param>
public sealed class FunctionTarget(
    ProbedBinary binary, string point, string? function, ulong address, ulong fileOffset, bool atReturn, int? process)
    : CodeTarget(binary, address, fileOffset, process)
{
    /// <summary>The value that is returned, and its text: <c>$return</c>, <c>$$return</c>.</summary>
    private const string Result = "return", AllOfResult = "$return";

    /// <summary>Both calling conventions have a function's number or pointer in the register that DWARF numbers 0: rax, x0.</summary>
    private const int ResultRegister = 0;

    private const int StackPointerX64 = 7, StackPointerArm64 = 31;

    /// <summary>What <c>@entry</c> asks for the frame by.</summary>
    private const string FrameName = "__frame";

    private const string OfEntry = "the function has returned";

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override string? Function { get; } = function;

    /// <summary>
    /// Of a return that is caught at the instruction that returns: the place of the function's first one, as it would be probed.
    /// </summary>
    private (ulong Address, ulong FileOffset)? Beginning { get; init; }

    /// <summary>Link-time addresses of all such instructions of the function; the first one's <see cref="Entry"/> stands for all.</summary>
    private IReadOnlyList<ulong> Exits { get; init; } = [];

    /// <inheritdoc/>
    public override bool ByReturnAddress => AtReturn && Beginning is null;

    /// <summary>Of an entry of the procedure linkage table, the function that it leads to: <c>$$name</c>.</summary>
    public string? LinkageName { get; init; }

    /// <inheritdoc/>
    public override string? MarkName => LinkageName;

    /// <inheritdoc/>
    public override bool AtReturn { get; } = atReturn;

    /// <summary>Link-time address of the function's first instruction, as far as it is known: what another name of it has too.</summary>
    public ulong FunctionAddress => Debug?.EntryAddress ?? Beginning?.Address ?? Address;

    /// <summary>What debug information says of the function; null where there is none.</summary>
    public DebugFunction? Debug { get; init; }

    /// <summary>The ways of which a thread has to have come one; null where any will do.</summary>
    internal IReadOnlyList<CallChain>? Callers { get; init; }

    /// <inheritdoc/>
    public override TargetSource? FiresOnlyIf =>
        field ??= Callers is null ? null : new MachineSource(Relative(Condition(Callers)), null);

    /// <summary>
    /// Where the frame begins of the function that has the code, which of code that is inlined is another one; by the registers there.
    /// </summary>
    internal MachineExpression FrameOfCode => Debug is { IsInlined: true } ? Debug.FrameAt(Address) ?? Frame : Frame;

    /// <inheritdoc/>
    public override IReadOnlyList<TargetVariable> Variables => !AtReturn ? VariablesInScope
        : Find(Result).Source is null ? [.. WithTheirTypes]
        : [new TargetVariable(Result, Result, Find(Result), IsParameter: false), .. WithTheirTypes];

    /// <summary>The function's own variables, which a return knows from its entry alone.</summary>
    private IEnumerable<TargetVariable> WithTheirTypes => Entry is FunctionTarget entry
        ? entry.Variables.Select(static each => each with { Lookup = new TargetLookup(null, OfEntry) }) : [];

    /// <inheritdoc/>
    protected override DebugFunction? Scope => Debug;

    /// <inheritdoc/>
    public override TargetLookup Find(string name)
    {
        if (name == FrameName)
            return new TargetLookup(new MachineSource(Frame, null), null);
        if (AtReturn && name == Result)
            return ReturnValue;
        if (Debug is null || (AtReturn && name == AllOfResult))
            return TargetLookup.Unknown;

        // What the function's own variables were, a return takes from its entry; where they are now, nobody knows.
        TargetLookup variable = AtReturn ? FindOutside(name) : FindInScope(name);
        return variable == TargetLookup.Unknown ? NotInScope(name) : variable;
    }

    /// <inheritdoc/>
    public override MissingContext? Missing(ContextValue value) =>
        AtReturn && value is >= ContextValue.Argument1 and <= ContextValue.Argument6
            ? new MissingContext(
                "a function's arguments are no longer in their registers when it returns",
                "@entry(int_arg(1)) takes one at its entry")
            : null;

    /// <inheritdoc/>
    public override ProbeTarget? Entry => ByReturnAddress || (Exits is [ulong first, ..] && first == Address) ? MakeEntry() : null;

    /// <summary>The same return, caught at an instruction that returns.</summary>
    /// <param name="address">Its link-time address.</param>
    /// <param name="fileOffset">The same place as an offset in the file.</param>
    /// <param name="exits">Those of all of the function's that are probed.</param>
    public FunctionTarget AtExit(ulong address, ulong fileOffset, IReadOnlyList<ulong> exits) =>
        new(Binary, Point, Function, address, fileOffset, atReturn: true, Process)
        {
            Debug = Debug,
            Owner = Owner,
            Callers = Callers,
            Beginning = (Address, FileOffset),
            Exits = exits,
        };

    /// <summary>As a number of 64 bits where only symbols are known, which say nothing of types.</summary>
    private TargetLookup ReturnValue => Debug is { } function
        ? DebugVariables.OfResult(function, Processor)
        : new TargetLookup(new MachineSource(Register(ResultRegister), null), null);

    private Architecture Processor => Binary.Elf.Architecture ?? HostArchitecture.Current;

    /// <summary>
    /// At a function's entry and at its return the same number, which no other call of the thread has that is under way: where the stack
    /// pointer is after the return. At its entry, and at the instruction that returns, x86-64 has the return address on the stack yet.
    /// </summary>
    private MachineExpression Frame
    {
        get
        {
            if (!AtReturn && Debug?.EntryAddress is ulong entry && entry != Address && Debug.FrameAt(Address) is { } described)
                return described;
            RegisterValue stack = Register(Processor == Architecture.Arm64 ? StackPointerArm64 : StackPointerX64);
            return ByReturnAddress || Processor == Architecture.Arm64
                ? stack : new BinaryValue(MachineOperator.Add, stack, MachineExpression.Constant(sizeof(long)));
        }
    }

    /// <summary>Who makes the target has seen that frames can be followed.</summary>
    private MachineExpression Condition(IReadOnlyList<CallChain> callers) => callers
        .Select(chain => chain.Condition(Processor, FrameOfCode, ByReturnAddress)!)
        .Aggregate(static (either, or) => new BinaryValue(MachineOperator.Or, either, or));

    private RegisterValue Register(int number) => new(new MachineRegister(Processor, number));

    /// <summary>
    /// The probe that looks at the function's variables for a return: where they are valid, if its frame is known there. Of two probes
    /// at one instruction the return's runs first: a function that has only its return left there is looked at at its beginning, and
    /// what is nothing but a return has no such probe.
    /// </summary>
    private FunctionTarget? MakeEntry()
    {
        (ulong entry, ulong entryOffset) = Beginning ?? (Address, FileOffset);
        ulong address = Debug?.BodyAddress is ulong body && Debug.FrameAt(body) is not null
            ? ProbeableInstruction.AtOrBehind(Binary.Elf, body) ?? entry : entry;
        if (Exits.Contains(address))
            address = entry;
        if (Exits.Contains(entry))
            return null;
        bool isBody = Binary.Elf.TryFileOffset(address, out ulong offset);
        return new FunctionTarget(
            Binary, Point, Function, isBody ? address : entry, isBody ? offset : entryOffset, atReturn: false, Process)
        {
            Debug = Debug,
            LinkageName = LinkageName,
            Owner = Owner,
            Callers = Callers,
        };
    }
}
