using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Bodies;

/// <summary>Targets of one probe that share a bound body.</summary>
internal sealed class ProbeGroup
{
    private readonly Dictionary<TargetQuestion, object> _answers = [];
    private readonly List<TargetQuestion> _questions = [];

    public ProbeGroup(ProbeInstance probe, ProbeTarget first)
    {
        Probe = probe;
        Targets = [first];
        FiresOnlyIf = ((TargetLookup)Ask(new TargetQuestion(TargetQuestionKind.FiresOnlyIf))).Source;
        Unit = new BodyUnit(probe.Parts, this, function: null);
    }

    public ProbeInstance Probe { get; }

    public List<ProbeTarget> Targets { get; }

    public BodyUnit Unit { get; }

    /// <inheritdoc cref="ProbeTarget.FiresOnlyIf"/>
    public TargetSource? FiresOnlyIf { get; }

    /// <summary>What the body asked, in order. The next question depends on the answers so far and on nothing else.</summary>
    public IReadOnlyList<TargetQuestion> Questions => _questions;

    /// <summary>The functions that ask something of the targets, in the version of this group.</summary>
    public Dictionary<FunctionDeclaration, FunctionInstance> Functions { get; } = [];

    public TargetLookup Find(string name) => (TargetLookup)Ask(new TargetQuestion(TargetQuestionKind.Variable, name));

    public TargetLookup FindGlobal(string name, string? module) =>
        (TargetLookup)Ask(new TargetQuestion(TargetQuestionKind.Global, name, module));

    public TargetLookup FindType(string name, string? module) =>
        (TargetLookup)Ask(new TargetQuestion(TargetQuestionKind.Type, name, module));

    public long? FindConstant(string name) =>
        (((long?, int))Ask(new TargetQuestion(TargetQuestionKind.Constant, name))).Item1;

    public TargetVariables Variables => (TargetVariables)Ask(new TargetQuestion(TargetQuestionKind.AllVariables));

    public bool HasMarkName => (bool)Ask(new TargetQuestion(TargetQuestionKind.HasMarkName));

    /// <inheritdoc cref="ProbeInstance.AliasName"/>
    public string? AliasName => (((string?, int))Ask(new TargetQuestion(TargetQuestionKind.AliasName))).Item1;

    public bool HasProvider => (bool)Ask(new TargetQuestion(TargetQuestionKind.HasProvider));

    /// <inheritdoc cref="ProbeTarget.HasVariables"/>
    public bool HasVariables => Targets[0].HasVariables;

    private object Ask(TargetQuestion question)
    {
        if (!_answers.TryGetValue(question, out object? answer))
        {
            answer = question.Ask(Targets[0], Probe);
            _answers.Add(question, answer);
            _questions.Add(question);
        }

        return answer;
    }
}
