using System.Globalization;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;
using Virtap.Bpf.Links;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Processes.Files;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes;

/// <summary>A place in a program's code: what a uprobe is put on.</summary>
/// <param name="binary">The file that holds the code.</param>
/// <param name="address">Link-time address of the probed instruction.</param>
/// <param name="fileOffset">The same place as an offset in the file.</param>
/// <param name="process">The process that it is confined to; null: every process that runs the file, present and future.</param>
public abstract class CodeTarget(ProbedBinary binary, ulong address, ulong fileOffset, int? process) : HandledTarget
{
    private const int ProgramCounterX64 = 16, ProgramCounterArm64 = 32, MaxAlternatives = 5;

    private IReadOnlyList<TargetVariable>? _variables;

    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InTarget;

    /// <inheritdoc/>
    public override bool CanCount => true;

    /// <inheritdoc/>
    public override string ProbeType => ByReturnAddress ? "uretprobe" : "uprobe";

    /// <summary>The file that holds the code.</summary>
    public ProbedBinary Binary { get; } = binary;

    /// <summary>Link-time address of the probed instruction.</summary>
    public ulong Address { get; } = address;

    /// <summary>The same place as an offset in the file.</summary>
    public ulong FileOffset { get; } = fileOffset;

    /// <summary>The process that it is confined to; null: every process that runs the file, present and future.</summary>
    public int? Process { get; } = process;

    /// <summary>Of a library's code, the program whose processes alone count; null where every process with the file does.</summary>
    public ExecutableFile? Owner { get; init; }

    /// <inheritdoc/>
    public override ProcessFilter? Filter => Owner is null ? null : new ProcessFilter(Executable: Owner);

    /// <summary>How probe points name a file: <c>process("PATH")</c>, or <c>process("PROGRAM").library("PATH")</c>.</summary>
    public static string PrefixOf(ProbedBinary binary, ExecutableFile? owner) =>
        owner is null ? $"process(\"{binary.Path}\")" : $"process(\"{owner.Path}\").library(\"{binary.Path}\")";

    /// <summary>Offset in the file of the semaphore to raise, or 0.</summary>
    public virtual ulong SemaphoreFileOffset => 0;

    /// <summary>Fires when the function that begins there returns.</summary>
    public virtual bool AtReturn => false;

    /// <summary>
    /// Whether the kernel catches the return, by a return address of its own on the stack (a uretprobe): the probed instruction is then
    /// the function's first one.
    /// </summary>
    public virtual bool ByReturnAddress => false;

    /// <summary>The place as links take it.</summary>
    /// <param name="cookie">What the program is told when it is hit.</param>
    public UprobeAttachPoint AttachPoint(ulong cookie) => new(FileOffset, SemaphoreFileOffset, cookie);

    /// <inheritdoc/>
    public override TargetLookup FindType(string name, string? module) => base.FindType(name, module ?? Binary.Path);

    /// <inheritdoc/>
    private protected override ProbedBinary? FileOf(string module) => Binary.IsMeant(module) ? Binary : base.FileOf(module);

    /// <inheritdoc/>
    public override TargetLookup FindGlobal(string name, string? module)
    {
        int at = name.IndexOf('@', StringComparison.Ordinal);
        (string variable, string? file) = at < 0 ? (name, null) : (name[..at], name[(at + 1)..]);
        if (module is not null && !module.Split(':').Any(Binary.IsMeant))
            return FindElsewhere(variable, file, module);

        // A variable of the function counts too, as its name alone means it; but when it has returned, it has none.
        if (file is null && !AtReturn && Scope is { } scope
            && scope.VariablesAt(Address).LastOrDefault(each => each.Name == variable) is { } local)
            return Read(local);
        return Binary.Debug?.FindGlobal(variable, file) is { } found
            ? Read(found)
            : TargetLookup.None(
                $"unable to find global '{variable}' in {Binary.Path}{(file is null ? "" : $", in {file}")}", Binary.WithoutDebug);
    }

    /// <summary>A variable of other files, the first of them that has it.</summary>
    private TargetLookup FindElsewhere(string name, string? source, string modules)
    {
        string? why = null;
        foreach (string module in modules.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (FileOf(module) is not { } other)
                why ??= $"there is no file '{module}', and no library of {Binary.Path} is called that";
            else if (other.Debug?.FindGlobal(name, source) is not { } variable)
                why ??= other.WithoutDebug;
            else if (variable.Location is NoLocation nowhere)
                return new TargetLookup(null, nowhere.Reason);
            else
                return DebugVariables.Read(variable, Moved) with { Image = ImageOf(other) };
        }

        return TargetLookup.None($"unable to find global '{name}' in {modules}{(source is null ? "" : $", in {source}")}", why);
    }

    /// <summary>Makes addresses of another file's image relative to where a process has it: by the first operand.</summary>
    private static MachineExpression Moved(MachineExpression value) => value switch
    {
        ImageAddress image => new BinaryValue(
            MachineOperator.Add, new OperandValue(0), MachineExpression.Constant((long)image.Address)),
        LoadValue load => load with { Address = Moved(load.Address) },
        ExtendValue extend => extend with { Operand = Moved(extend.Operand) },
        BinaryValue binary => binary with { Left = Moved(binary.Left), Right = Moved(binary.Right) },
        _ => value,
    };

    private static LoadedImage ImageOf(ProbedBinary file)
    {
        FileIdentity identity = file.File.Identity;
        ElfSegment dynamic = file.Elf.Segments.FirstOrDefault(static segment => segment.Type == ElfSegmentType.Dynamic);
        return new LoadedImage(file.Path, (long)identity.Inode, identity.KernelDevice, (long)dynamic.Address);
    }

    /// <inheritdoc/>
    public override bool KnowsVariables => Scope is not null || base.KnowsVariables;

    /// <inheritdoc/>
    public override long? FindConstant(string name) => Binary.Debug?.FindConstant(name);

    /// <summary>The function whose variables a handler can name here; null where there is no debug information of it.</summary>
    protected virtual DebugFunction? Scope => field ??= Binary.Debug?.FunctionsAt(Address) is [var innermost, ..] ? innermost : null;

    /// <summary>The variables in scope, as <c>$$vars</c> and -L have them: parameters first, each name once.</summary>
    protected IReadOnlyList<TargetVariable> VariablesInScope => _variables ??= ReadVariables();

    /// <summary>What a name means in the scope; unknown where there is none.</summary>
    protected TargetLookup FindInScope(string name) =>
        Scope?.Find(name, Address) is { } variable ? Read(variable) : TargetLookup.Unknown;

    /// <summary>What a name means outside of the function: a variable of its file, else of another.</summary>
    protected TargetLookup FindOutside(string name) =>
        Scope?.FindOutside(name) is { } variable ? Read(variable) : TargetLookup.Unknown;

    /// <summary>That a name means nothing in the scope, as SystemTap says it.</summary>
    protected TargetLookup NotInScope(string name)
    {
        if (Scope is not { } scope)
            return TargetLookup.Unknown;
        // SystemTap compares the name without its $ with those that there are with theirs.
        IEnumerable<string> there = VariablesInScope.Select(static each => "$" + each.Name).Order(StringComparer.Ordinal);
        string names = string.Join(", ", NameSuggestion.Similar(name, there, MaxAlternatives));
        // The second parenthesis is SystemTap's.
        string alternatives = names.Length > 0 ? $"(alternatives: {names}))" : "(<no alternatives>)";
        return TargetLookup.None(string.Create(
            CultureInfo.InvariantCulture,
            $"unable to find local '{name}', [man error::dwarf] dieoffset 0x{scope.EntryOffset:x} in {Binary.Path}, "
            + $"near pc 0x{Address:x} in {scope.Name} {scope.Unit} {alternatives}"));
    }

    /// <summary>
    /// Makes addresses of the image relative to the probed instruction, whose run-time address is known at a hit: so no one needs to know
    /// where a process has the image.
    /// </summary>
    protected MachineExpression Relative(MachineExpression value) => value switch
    {
        ImageAddress image => new BinaryValue(
            MachineOperator.Add,
            ByReturnAddress ? new ReturningFunction() : new RegisterValue(InstructionPointer),
            MachineExpression.Constant((long)(image.Address - Address))),
        LoadValue load => load with { Address = Relative(load.Address) },
        ExtendValue extend => extend with { Operand = Relative(extend.Operand) },
        BinaryValue binary => binary with { Left = Relative(binary.Left), Right = Relative(binary.Right) },
        _ => value,
    };

    private MachineRegister InstructionPointer => Binary.Elf.Architecture == Architecture.Arm64
        ? new MachineRegister(Architecture.Arm64, ProgramCounterArm64)
        : new MachineRegister(Architecture.X64, ProgramCounterX64);

    private TargetLookup Read(DebugVariable variable) => variable.Location is NoLocation nowhere
        ? TargetLookup.None(
            string.Create(CultureInfo.InvariantCulture, $"not accessible at this address (pc: 0x{Address:x}) [man error::dwarf]"),
            nowhere.Reason)
        : DebugVariables.Read(variable, Relative);

    private List<TargetVariable> ReadVariables()
    {
        List<TargetVariable> variables = [];
        foreach (DebugVariable variable in Scope?.VariablesAt(Address) ?? [])
        {
            bool isThere = variable.Location is MemoryLocation or ValueLocation;
            var target = new TargetVariable(variable.Name, variable.Name, Read(variable), variable.IsParameter)
            {
                UnreadableType = isThere ? StapTypeText.Of(variable.Type) : null,
            };

            // An inner block's variable hides that of an outer one.
            int hidden = variables.FindIndex(each => each.Name == variable.Name);
            if (hidden < 0)
                variables.Add(target);
            else
                variables[hidden] = target;
        }

        return variables;
    }
}
