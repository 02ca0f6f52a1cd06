using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Sorts the targets of a probe into groups. The questions that bodies ask form a tree: each node is a question, each branch an answer,
/// each leaf a group. A target goes down it in as many steps as its body asks questions, however many groups there are.
/// </summary>
/// <param name="probe">The probe.</param>
internal sealed class TargetGrouping(ProbeInstance probe)
{
    private readonly Node _root = new();

    /// <summary>The group to which a target belongs, or null where its answers are new.</summary>
    public ProbeGroup? Find(ProbeTarget target)
    {
        Node? node = _root;
        while (node is { Question: { } question })
            node = node.Branches.GetValueOrDefault(question.Ask(target, probe));
        return node?.Group;
    }

    /// <summary>Adds a group, whose body has asked all its questions.</summary>
    public void Add(ProbeGroup group)
    {
        Node node = _root;
        foreach (TargetQuestion question in group.Questions)
        {
            node.Question ??= question;
            object answer = question.Ask(group.Targets[0], probe);
            if (!node.Branches.TryGetValue(answer, out Node? next))
                node.Branches.Add(answer, next = new Node());
            node = next;
        }

        node.Group = group;
    }

    private sealed class Node
    {
        public TargetQuestion? Question { get; set; }

        public Dictionary<object, Node> Branches { get; } = [];

        public ProbeGroup? Group { get; set; }
    }
}
