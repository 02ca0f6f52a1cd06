using System.Globalization;
using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;

namespace Virtap.Tracing.Probes;

/// <summary>A trace point of the kernel's, hit by whatever runs into it.</summary>
/// <param name="name">Its name, without the group.</param>
/// <param name="group">The group of its event; null where the kernel does not say.</param>
/// <param name="types">The kernel's types.</param>
/// <param name="isNumbered">Whether what it hands over is $arg1 and so on, and has no names.</param>
internal sealed class TracepointTarget(string name, string? group, KernelTypes types, bool isNumbered) : HandledTarget
{
    private IReadOnlyList<TargetVariable>? _variables;

    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InTarget;

    /// <inheritdoc/>
    public override string Point { get; } =
        $"kernel.{(isNumbered ? "tracepoint" : "trace")}(\"{(group is null ? name : $"{group}:{name}")}\")";

    /// <inheritdoc/>
    public override string ProbeType => "tracepoint";

    /// <inheritdoc/>
    public override string MarkName => name;

    /// <inheritdoc/>
    public override string? Provider => group;

    /// <inheritdoc/>
    public override TracepointHook Hook { get; } = new(name);

    /// <inheritdoc/>
    public override IReadOnlyList<TargetVariable> Variables =>
        _variables ??= [.. (types.ArgumentsOf(name) ?? []).Select((argument, index) => Variable(
            isNumbered ? string.Create(CultureInfo.InvariantCulture, $"arg{index + 1}") : argument.Name, argument.Type, index))];

    private static TargetVariable Variable(string name, CType type, int index) =>
        new(name, name, DebugVariables.OfValue(new EventWord(index), type, MemorySpace.Kernel));

    /// <inheritdoc/>
    public override TargetLookup Find(string name)
    {
        if (Variables.FirstOrDefault(each => each.Name == name) is { } variable)
            return variable.Lookup;
        string names = string.Join(", ", Variables.Select(static each => "$" + each.Name));
        return TargetLookup.None($"unable to find tracepoint variable '${name}'{(names.Length == 0 ? "" : $" (alternatives: {names})")}");
    }

    /// <inheritdoc/>
    public override TargetLookup FindType(string name, string? module) => base.FindType(name, module ?? "kernel");

    /// <inheritdoc/>
    public override MissingContext? Missing(ContextValue value) =>
        value is (>= ContextValue.Argument1 and <= ContextValue.Argument6) or ContextValue.InstructionPointer
            ? new MissingContext("a trace point of the kernel tells of no registers", "its arguments have names: -L lists them")
            : null;
}
