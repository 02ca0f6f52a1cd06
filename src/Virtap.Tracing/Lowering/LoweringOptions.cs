using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>The limits of a session and the shape of its memory. The defaults are SystemTap's.</summary>
public sealed record LoweringOptions
{
    /// <summary>The least that MAXSTRINGLEN may be: strings are handled in words of eight bytes.</summary>
    public const int ShortestString = 8;

    /// <summary>The most that it may be: an array's entry has room for a key and a value of that length.</summary>
    public const int LongestString = 16384;

    /// <summary>MAXACTION: a handler that would run so many statements is ended by an error.</summary>
    public int MaxActions { get; init; } = 1000;

    /// <summary>MAXACTION_INTERRUPTIBLE: the same for begin, end and error; null for ten times <see cref="MaxActions"/>.</summary>
    public int? MaxActionsInterruptible { get; init; }

    /// <summary>
    /// MAXNESTING: calls of functions that may be under way in a handler, each within the one before. Null for as many as the script can
    /// come to without recursion, and ten more for recursion, as in SystemTap.
    /// </summary>
    public int? MaxNesting { get; init; }

    /// <summary>
    /// --suppress-handler-errors: an error ends its handler and nothing else, as if each stood in <c>try { ... } catch { next }</c>.
    /// </summary>
    public bool SuppressesHandlerErrors { get; init; }

    /// <summary>--skip-badvars: a target variable that cannot be read is 0, in place of a read fault.</summary>
    public bool SkipsBadVariables { get; init; }

    /// <summary>MAXSTRINGLEN: bytes of a string with its terminating zero.</summary>
    public int MaxStringLength { get; init; } = 512;

    /// <summary>MAXMAPENTRIES: elements of an array that is declared without a size.</summary>
    public int MaxMapEntries { get; init; } = 2048;

    /// <summary>HIST_WIDTH and HIST_ELISION.</summary>
    public HistogramDrawing Histograms { get; init; } = HistogramDrawing.Usual;

    /// <summary>
    /// -d: files whose symbols <c>usymname()</c> and its like know, beside those that are probed. A name that is no path is a kernel
    /// module's in SystemTap, and means nothing here.
    /// </summary>
    public IReadOnlyList<string> SymbolFiles { get; init; } = [];

    /// <summary>--ldd: the same for the libraries that the probed programs are started with.</summary>
    public bool HasSymbolsOfLibraries { get; init; }

    /// <summary>CPUs that targets can run on.</summary>
    public int CpuCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Handlers that can be under way on one CPU, each but the last preempted.</summary>
    public int ContextsPerCpu { get; init; } = 4;

    /// <summary>
    /// Bytes that a handler can print before its output is sent: a power of two. More is taken where one print of the script needs it.
    /// </summary>
    public int OutputBytes { get; init; } = 8192;

    /// <summary>How much memory there may be: what all machines reach that the script may be for.</summary>
    public MemoryLimits Memory { get; init; } = MemoryLimits.OfLayout;
}
