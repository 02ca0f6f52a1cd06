using System.Globalization;

namespace Virtap.Tracing.Memory;

/// <summary>What can go wrong while a handler runs. The words are SystemTap's.</summary>
public enum RuntimeError
{
    None = 0,

    /// <summary>"division by 0".</summary>
    DivisionByZero = 1,

    /// <summary>
    /// "Array overflow, check MAXMAPENTRIES", or "check size limit (N)" where the array was declared with a size: the value is that size,
    /// or 0.
    /// </summary>
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

    /// <summary>"histogram index out of range".</summary>
    HistogramIndex = 8,

    /// <summary>"N is too many bytes for a memory dump": the value is N.</summary>
    DumpTooLong = 9,

    /// <summary>"perf counter cannot be read": the value is the kernel's error, negative.</summary>
    CounterUnreadable = 10,
}

/// <summary>SystemTap's words for the errors of a running handler, without the place.</summary>
public static class RuntimeErrorText
{
    /// <summary>What the address of a read fault stands behind.</summary>
    public const string ReadFaultAt = "read fault [man error::fault] at ";

    /// <summary>What stands behind the number of bytes that are too many for %m and %M.</summary>
    public const string TooLongForDump = " is too many bytes for a memory dump";

    /// <summary>The words; error() has the script's own.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="value">
    /// The error's value: the address of a read fault, the declared size of an array that is full, the length of a dump.
    /// </param>
    public static string Of(RuntimeError error, long value) => error switch
    {
        RuntimeError.DivisionByZero => "division by 0",
        RuntimeError.ArrayOverflow when value == 0 => "Array overflow, check MAXMAPENTRIES",
        RuntimeError.ArrayOverflow => string.Create(CultureInfo.InvariantCulture, $"Array overflow, check size limit ({value})"),
        RuntimeError.ReadFault => string.Create(CultureInfo.InvariantCulture, $"{ReadFaultAt}0x{value:x}"),
        RuntimeError.ActionsExceeded => "MAXACTION exceeded",
        RuntimeError.NestingExceeded => "MAXNESTING exceeded",
        RuntimeError.EmptyAggregate => "empty aggregate",
        RuntimeError.HistogramIndex => "histogram index out of range",
        RuntimeError.DumpTooLong => string.Create(CultureInfo.InvariantCulture, $"{value}{TooLongForDump}"),
        RuntimeError.CounterUnreadable => string.Create(CultureInfo.InvariantCulture, $"perf counter cannot be read (rc {value})"),
        RuntimeError.None or RuntimeError.Raised => "",
    };
}

/// <summary>
/// A place in the script that can raise an error: "near operator '/' at t.stp:1:31". <paramref name="Operand"/> names what was read for a
/// read fault.
/// </summary>
public sealed record ErrorSite(string Near, string Location, string? Operand);
