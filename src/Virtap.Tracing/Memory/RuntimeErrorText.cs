namespace Virtap.Tracing.Memory;

/// <summary>SystemTap's words for the errors of a running handler, without the place.</summary>
public static class RuntimeErrorText
{
    /// <summary>The words; for a read fault the address follows them, and for error() the script has its own.</summary>
    public static string Of(RuntimeError error) => error switch
    {
        RuntimeError.DivisionByZero => "division by 0",
        RuntimeError.ArrayOverflow => "Array overflow, check MAXMAPENTRIES",
        RuntimeError.ReadFault => "read fault [man error::fault] at ",
        RuntimeError.ActionsExceeded => "MAXACTION exceeded",
        RuntimeError.NestingExceeded => "MAXNESTING exceeded",
        RuntimeError.EmptyAggregate => "empty aggregate",
        _ => "",
    };
}
