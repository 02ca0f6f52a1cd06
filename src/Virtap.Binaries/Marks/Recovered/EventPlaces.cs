using Virtap.Binaries.Code;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>What one function has of an event.</summary>
/// <param name="Sites">The places where it is decided about.</param>
/// <param name="Failures">Why tests of the event's state could not be explained.</param>
internal sealed record EventPlaces(IReadOnlyList<EventSite> Sites, IReadOnlyList<string> Failures);

/// <summary>A place where an event is decided about.</summary>
/// <param name="Address">Link-time address of the deciding jump.</param>
/// <param name="Message">The message that it leads to.</param>
/// <param name="Condition">Not zero when that message is decided about here and nowhere else; null where that is always so.</param>
internal sealed record EventSite(ulong Address, Logged Message, MachineExpression? Condition);
