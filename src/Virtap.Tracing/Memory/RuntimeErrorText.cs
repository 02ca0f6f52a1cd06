using System.Globalization;

namespace Virtap.Tracing.Memory;

/// <summary>SystemTap's words for the errors of a running handler, without the place.</summary>
public static class RuntimeErrorText
{
    /// <summary>What the address of a read fault stands behind.</summary>
    public const string ReadFaultAt = "read fault [man error::fault] at ";

    /// <summary>The words; error() has the script's own.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="value">The error's value: the address of a read fault, the declared size of an array that is full.</param>
    public static string Of(RuntimeError error, long value) => error switch
    {
        RuntimeError.DivisionByZero => "division by 0",
        RuntimeError.ArrayOverflow => value == 0 ? "Array overflow, check MAXMAPENTRIES" : string.Create(CultureInfo.InvariantCulture, $"Array overflow, check size limit ({value})"),
        RuntimeError.ReadFault => string.Create(CultureInfo.InvariantCulture, $"{ReadFaultAt}0x{value:x}"),
        RuntimeError.ActionsExceeded => "MAXACTION exceeded",
        RuntimeError.NestingExceeded => "MAXNESTING exceeded",
        RuntimeError.EmptyAggregate => "empty aggregate",
        _ => "",
    };
}
