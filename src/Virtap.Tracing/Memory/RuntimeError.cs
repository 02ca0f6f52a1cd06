namespace Virtap.Tracing.Memory;

/// <summary>What can go wrong while a handler runs. The words are SystemTap's.</summary>
public enum RuntimeError
{
    None = 0,

    /// <summary>"division by 0".</summary>
    DivisionByZero = 1,

    /// <summary>"Array overflow, check MAXMAPENTRIES", or "check size limit (N)" where the array was declared with a size: the value is that size, or 0.</summary>
    ArrayOverflow = 2,

    /// <summary>"read fault [man error::fault] at 0xADDRESS": the value is the address.</summary>
    ReadFault = 3,

    /// <summary>"MAXACTION exceeded".</summary>
    ActionsExceeded = 4,

    /// <summary>error("…"): the text is in the context.</summary>
    Raised = 5,

    /// <summary>"MAXNESTING exceeded".</summary>
    NestingExceeded = 6,

    /// <summary>An aggregate without values was asked for its minimum, maximum, average or variance: "empty aggregate".</summary>
    EmptyAggregate = 7,
}
