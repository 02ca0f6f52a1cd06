using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;

namespace Virtap.Tracing.Ir;

/// <summary>
/// One print statement of the script. Its item in the ring (see <see cref="Memory.RecordFormat"/>) holds for each conversion in order:
/// width and precision where they are not constants, then the argument.
/// </summary>
public sealed record PrintSite(int Id, PrintChannel Channel, IReadOnlyList<FormatPiece> Pieces);

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
    Value Value) : FormatPiece
{
    /// <summary>Where the value is an address and its place in the source is printed; null where the value itself is.</summary>
    public SourcePlace? Place { get; init; }

    /// <summary>Where the memory that %m and %M show lies on its way into a string; null in a print.</summary>
    public ContextSlot? Dump { get; init; }

    /// <summary>How many bytes of memory are shown at most.</summary>
    public long MostDumped => Precision is null ? 1 : (Precision as LongConstant)?.Value ?? Memory.RecordFormat.MaxDumped;

    /// <summary>Whether the value is the address of memory that is shown.</summary>
    public bool IsDump => Conversion is FormatConversion.Memory or FormatConversion.MemoryHexadecimal;
}

/// <summary>Whose address it is whose place in the source is printed: in the item, both numbers stand before the address.</summary>
/// <param name="Part">What of the place.</param>
/// <param name="Process">The process that runs the handler.</param>
/// <param name="Target">The session's target, whose address it is where the handler runs in this process.</param>
public sealed record SourcePlace(AddressPart Part, LongExpression Process, LongExpression Target);

/// <summary>The stack of the thread that hit the probe; in its item it is a <see cref="Memory.StackRecord"/>.</summary>
/// <param name="Form">How it is printed.</param>
/// <param name="Point">The probe point, for a handler that no thread of a program runs.</param>
public sealed record StackPiece(StackForm Form, StringExpression Point) : FormatPiece;

/// <summary>The lines of a histogram, whose buckets begin at <paramref name="Buckets"/>.</summary>
public sealed record HistogramPiece(Location Buckets, HistogramShape Shape, HistogramDrawing Drawing) : FormatPiece;

/// <summary>How histograms are drawn.</summary>
/// <param name="Width">HIST_WIDTH: the longest bar.</param>
/// <param name="Elision">
/// HIST_ELISION: an empty bucket is drawn that has a full one so near; where this is negative, all of them are.
/// </param>
public readonly record struct HistogramDrawing(int Width, int Elision)
{
    /// <summary>SystemTap's.</summary>
    public static HistogramDrawing Usual { get; } = new(50, 2);
}
