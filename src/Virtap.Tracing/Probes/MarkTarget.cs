using System.Globalization;
using Virtap.Binaries.Marks;
using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes;

/// <summary>One site of a mark.</summary>
public sealed class MarkTarget : CodeTarget
{
    private readonly bool _showsProvider;
    private IReadOnlyList<TargetVariable>? _variables;
    private string? _function;

    /// <summary>Makes the target of a site.</summary>
    /// <param name="binary">The file.</param>
    /// <param name="mark">The mark.</param>
    /// <param name="site">One of its sites.</param>
    /// <param name="process">The process that it is confined to; null for all.</param>
    /// <param name="showsProvider">Whether the script named the provider; then <see cref="Point"/> does too.</param>
    public MarkTarget(ProbedBinary binary, Mark mark, MarkSite site, int? process, bool showsProvider)
        : base(binary, site.Address, site.FileOffset, process)
    {
        Mark = mark;
        Site = site;
        _showsProvider = showsProvider;
    }

    /// <summary>The mark.</summary>
    public Mark Mark { get; }

    /// <summary>The site.</summary>
    public MarkSite Site { get; }

    /// <inheritdoc/>
    public override ulong SemaphoreFileOffset => Site.SemaphoreFileOffset;

    /// <inheritdoc/>
    public override string Point => _showsProvider
        ? $"{PrefixOf(Binary, Owner)}.provider(\"{Mark.Provider}\").mark(\"{Mark.Name}\")"
        : $"{PrefixOf(Binary, Owner)}.mark(\"{Mark.Name}\")";

    /// <summary>
    /// The function that holds the site, where the file's symbols say so; else the mark's name, for a mark is mostly named after its
    /// function.
    /// </summary>
    public override string Function => _function ??= Binary.FunctionAt(Site.Address) ?? Mark.Name;

    /// <inheritdoc/>
    public override string MarkName => Mark.Name;

    /// <inheritdoc/>
    public override string Provider => Mark.Provider;

    /// <inheritdoc/>
    public override TargetSource? FiresOnlyIf =>
        Site.Condition is { } condition ? new MachineSource(Relative(condition), null) : null;

    /// <summary>The arguments: each by its name where one is known, else as <c>argN</c>.</summary>
    public override IReadOnlyList<TargetVariable> Variables => _variables ??= [.. Site.Arguments.Select(ToVariable)];

    /// <inheritdoc/>
    public override TargetLookup Find(string name)
    {
        if (NumberOf(name) is int number)
            return Lookup(Site.Arguments[number]);

        if (name.StartsWith('$'))
            return TargetLookup.Unknown;

        // A variable that is in scope has its whole type; the trace event's own argument is known without debug information too.
        TargetLookup variable = FindInScope(name);
        if (variable.Source is null && Site.Arguments.FirstOrDefault(argument => argument.Name == name) is { } argument)
            return Lookup(argument);
        return variable == TargetLookup.Unknown ? NotInScope(name) : variable;
    }

    /// <summary><c>$arg1</c> is there even where the first argument has a name.</summary>
    private int? NumberOf(string name)
    {
        return name.StartsWith("arg", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= 1 && number <= Site.Arguments.Count
            ? number - 1
            : null;
    }

    private TargetVariable ToVariable(MarkArgument argument, int index) => argument.Name is { } name
        ? new TargetVariable(name, name, Lookup(argument))
        : new TargetVariable($"arg{index + 1}", $"$arg{index + 1}", Lookup(argument));

    private TargetLookup Lookup(MarkArgument argument) => argument.Value is { } value
        ? new TargetLookup(new MachineSource(Relative(value), argument.Type), null)
        : new TargetLookup(null, argument.Unreadable ?? "its place is not known");
}
