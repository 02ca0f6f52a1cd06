namespace Virtap.Virtio.Rings;

/// <summary>How long a request has been where it is, by looks at the ring's indices: it had come by one look, and not by the look before.</summary>
/// <param name="AtLeast">Since the first look that found it there.</param>
/// <param name="AtMost">Since the last look that did not; null where every look found it.</param>
public readonly record struct RequestAge(TimeSpan AtLeast, TimeSpan? AtMost);
