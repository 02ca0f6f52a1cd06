using Virtap.Language.Binding.Targets;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Names;

namespace Virtap.Language.Tests.Binding;

/// <summary>
/// Knows begin, end, error, never, timer.s(N), and the marks of two programs: <c>process("vm").mark("…")</c>. Whatever it is asked, it
/// remembers.
/// </summary>
internal sealed class FakeResolver : IProbeResolver
{
    private readonly List<FakeTarget> _marks = [];

    public List<string> Asked { get; } = [];

    public FakeResolver Mark(string name, params IReadOnlyList<TargetVariable> variables) => Mark("vm", name, variables);

    public FakeResolver Mark(string program, string name, IReadOnlyList<TargetVariable> variables)
    {
        _marks.Add(new FakeTarget($"process(\"{program}\").mark(\"{name}\")") { Name = name, Program = program, List = variables });
        return this;
    }

    /// <summary>A site of a mark that counts only where something holds.</summary>
    public FakeResolver ConditionalMark(string name, string firesIf)
    {
        _marks.Add(new FakeTarget($"process(\"vm\").mark(\"{name}\")") { Name = name, Program = "vm", FiresIf = firesIf });
        return this;
    }

    public static TargetVariable Variable(string name, string? type = null, string? source = null) =>
        new(name, "$" + name, new TargetLookup(new FakeSource(type, source ?? name), null));

    public static TargetVariable Unreadable(string name, string problem) => new(name, "$" + name, new TargetLookup(null, problem));

    public ProbeResolution Resolve(ProbePoint point)
    {
        string text = point.ToString();
        Asked.Add(text);
        switch (point.Components.ToArray())
        {
            case [{ Name: "begin" or "end" or "error" or "never", Text: null }]:
            case [{ Name: "timer" }, { Name: "s" or "ms", Number: not null }]:
                return new ProbeResolution([new FakeTarget(text)]);
            case [{ Name: "timer" }, { Name: "profile" }]:
                return new ProbeResolution([], "probe point timer.profile is not supported yet", IsRefusal: true);
            case [{ Name: "process", Text: { } program }, { Name: "mark", Text: { } name }]:
                List<FakeTarget> found = _marks.FindAll(mark => mark.Program == program && Glob.IsMatchWithEscapes(name, mark.Name));
                return found.Count > 0 ? new ProbeResolution(found) : new ProbeResolution([], "no match");
            case [{ Name: "process", Text: "vm" }, { Name: "function", Text: { } function }, .. var suffix]
                when suffix is [] or [{ Name: "return", IsBare: true }]:
                return new ProbeResolution([new FakeTarget(text) { FunctionName = function }]);
            default:
                return new ProbeResolution([], "probe point mismatch");
        }
    }
}

/// <summary>
/// A variable of a type that is one of those below; <c>struct info *</c> has a member <c>next</c> of its own type, and one that cannot be
/// read.
/// </summary>
internal sealed record FakeSource(string? Type, string Where) : TargetSource
{
    public override TargetValueKind Kind => Type switch
    {
        "int" or "int64_t" => TargetValueKind.Signed,
        "unsigned char" => TargetValueKind.Unsigned,
        "const char *" => TargetValueKind.Text,
        "void *" or "struct info *" => TargetValueKind.Pointer,
        _ => TargetValueKind.Other,
    };

    public override TargetLookup Member(string name) => (Type, name) switch
    {
        ("struct info *", "next") => new TargetLookup(new FakeSource(Type, Where + "->next"), null),
        ("struct info *", "count") => new TargetLookup(new FakeSource("int", Where + "->count"), null),
        ("struct info *", _) => new TargetLookup(null, $"struct info has no member '{name}'"),
        _ => TargetLookup.Unknown,
    };
}

internal sealed class FakeTarget(string point) : ProbeTarget
{
    public override string Point => point;

    public string Program { get; init; } = "";

    public string Name { get; init; } = "";

    public string? FunctionName { get; init; }

    public string? FiresIf { get; init; }

    public override TargetSource? FiresOnlyIf => FiresIf is null ? null : new FakeSource("int", FiresIf);

    public IReadOnlyList<TargetVariable> List { get; init; } = [];

    public override string? Function => FunctionName ?? MarkName;

    public override string? MarkName => Name.Length > 0 ? Name : null;

    public override string? Provider => MarkName is null ? null : "qemu";

    public override IReadOnlyList<TargetVariable> Variables => List;

    public override TargetLookup Find(string name) =>
        List.FirstOrDefault(variable => variable.Name == name)?.Lookup ?? TargetLookup.Unknown;
}
