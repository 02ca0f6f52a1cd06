using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;

namespace Virtap.Language.Binding.Bodies;

/// <summary>What is the same throughout a session, and is asked for only where a script wants it.</summary>
/// <param name="timeZone">Where the user's clock is.</param>
/// <param name="ticksPerSecond">How often the kernel's clock ticks.</param>
internal sealed class SessionConstants(Func<TimeZoneInfo> timeZone, Func<long> ticksPerSecond)
{
    /// <summary>A value, as what stands in the place of its call.</summary>
    public BoundExpression Of(SessionValue value, SourceSpan span) => value switch
    {
        SessionValue.TimeZoneOffset => new BoundLong(span, SecondsWest()),
        SessionValue.TimeZoneName => new BoundString(span, TimeZoneName()),
        SessionValue.PageSize => new BoundLong(span, Environment.SystemPageSize),
        SessionValue.TicksPerSecond => new BoundLong(span, ticksPerSecond()),
    };

    /// <summary>Seconds west of Greenwich, as they are while the session starts.</summary>
    private long SecondsWest() => -(long)timeZone().GetUtcOffset(DateTime.UtcNow).TotalSeconds;

    /// <summary>The user's time zone as date(1) abbreviates it, where it has an abbreviation.</summary>
    private string TimeZoneName()
    {
        TimeZoneInfo zone = timeZone();
        // .NET names this one in words.
        if (zone.HasSameRules(TimeZoneInfo.Utc))
            return "UTC";
        return zone.IsDaylightSavingTime(DateTime.UtcNow) ? zone.DaylightName : zone.StandardName;
    }
}
