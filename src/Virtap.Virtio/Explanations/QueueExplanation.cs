using Virtap.Virtio.Findings;

namespace Virtap.Virtio.Explanations;

/// <summary>What a text says about virtqueues.</summary>
/// <param name="Stops">Each queue as it stands in the text, with what can be said of it alone.</param>
/// <param name="Steps">What happened from one stop to the next of the same queue.</param>
/// <param name="Unread">Fields of queues that are not there whole.</param>
public sealed record QueueExplanation(
    IReadOnlyList<ExplainedStop> Stops, IReadOnlyList<ExplainedStep> Steps, IReadOnlyList<UnreadQueue> Unread);

/// <summary>One state of one queue.</summary>
/// <param name="Entry">Where it stands, and its fields.</param>
/// <param name="IsPacked">Whether its ring is taken for a packed one.</param>
/// <param name="Findings">What can be said of it.</param>
public sealed record ExplainedStop(QueueTextEntry Entry, bool IsPacked, IReadOnlyList<Finding> Findings);

/// <summary>What happened between two states of one queue.</summary>
/// <param name="From">Index of the earlier stop.</param>
/// <param name="To">Index of the later stop.</param>
/// <param name="Findings">What can be said of it.</param>
public sealed record ExplainedStep(int From, int To, IReadOnlyList<Finding> Findings);
