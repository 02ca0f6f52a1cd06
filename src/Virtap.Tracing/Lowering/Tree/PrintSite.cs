namespace Virtap.Tracing.Lowering.Tree;

/// <summary>
/// One print statement of the script. Its item in the ring (see <see cref="Memory.RecordFormat"/>) holds for each conversion in order: width and precision where they are
/// not constants, then the argument.
/// </summary>
public sealed record PrintSite(int Id, PrintChannel Channel, IReadOnlyList<FormatPiece> Pieces);
