using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>Where code leads to once an event is known to be on.</summary>
internal abstract record LogOutcome
{
    private protected LogOutcome()
    {
    }
}

/// <summary>To the program's end (a failed check): nothing that a mark has to tell.</summary>
internal sealed record NeverReturns : LogOutcome;

/// <summary>To the event's log message.</summary>
/// <param name="Format">The message's format string.</param>
/// <param name="Arguments">The arguments, as they travel: widened to 64 bits in an unspecified way.</param>
internal sealed record Logged(LogFormat Format, IReadOnlyList<SymbolicValue> Arguments) : LogOutcome;

/// <summary>Elsewhere, or nobody knows.</summary>
/// <param name="Reason">For people.</param>
internal sealed record NotLogged(string Reason) : LogOutcome;
