using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;

namespace Virtap.Tracing.Ir;

/// <summary>
/// One print statement of the script. Its item in the ring (see <see cref="Memory.RecordFormat"/>) holds for each conversion in order:
/// width and precision where they are not constants, then the argument.
/// </summary>
public sealed record PrintSite(int Id, PrintChannel Channel, IReadOnlyList<FormatPiece> Pieces);

/// <summary>Where a printed text goes.</summary>
public enum PrintChannel
{
    /// <summary>The session's output.</summary>
    Output,

    /// <summary>Standard error, as "WARNING: …".</summary>
    Warning,

    /// <summary>A shell's command.</summary>
    Command,

    /// <summary>The kernel's log, with its level before it.</summary>
    KernelLog,

    /// <summary>The kernel's trace.</summary>
    KernelTrace,

    /// <summary>Held back, with others of the number before it.</summary>
    Speculation,

    /// <summary>A number: what is held back under it goes to the output.</summary>
    CommitSpeculation,

    /// <summary>A number: what is held back under it is forgotten.</summary>
    DiscardSpeculation,
}

/// <summary>A piece of a format: literal text, or one conversion with its argument.</summary>
public abstract record FormatPiece;

/// <summary>
/// Text as it stands. <paramref name="Offset"/> is where it lies in memory as a string, for the machines that build strings there.
/// </summary>
public sealed record LiteralPiece(string Text, int Offset) : FormatPiece;

/// <summary>
/// One conversion. Width and precision are null where not given; a negative width from an argument means left-justified, as in C.
/// </summary>
public sealed record ConversionPiece(
    FormatConversion Conversion,
    FormatFlags Flags,
    LongExpression? Width,
    LongExpression? Precision,
    Value Value) : FormatPiece;

/// <summary>The lines of a histogram, whose buckets begin at <paramref name="Buckets"/>.</summary>
public sealed record HistogramPiece(Location Buckets, HistogramShape Shape) : FormatPiece;
