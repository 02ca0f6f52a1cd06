namespace Virtap.Binaries.Marks;

/// <summary>Where a mark was read from.</summary>
public enum MarkOrigin
{
    /// <summary>A <c>.note.stapsdt</c> note.</summary>
    Sdt,

    /// <summary>A QEMU trace event of the <c>log</c> backend, recovered from the machine code.</summary>
    Recovered,
}
