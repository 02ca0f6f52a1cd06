namespace Virtap.Binaries.Marks.Recovered;

/// <summary>What one function has of an event.</summary>
/// <param name="Sites">The places where it is decided about.</param>
/// <param name="Failures">Why tests of the event's state could not be explained.</param>
internal sealed record EventPlaces(IReadOnlyList<EventSite> Sites, IReadOnlyList<string> Failures);
