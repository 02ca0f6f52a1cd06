using Virtap.Binaries.Machine;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>A place where an event is decided about.</summary>
/// <param name="Address">Link-time address of the deciding jump.</param>
/// <param name="Message">The message that it leads to.</param>
/// <param name="Condition">Not zero when that message is decided about here and nowhere else; null where that is always so.</param>
internal sealed record EventSite(ulong Address, Logged Message, MachineExpression? Condition);
