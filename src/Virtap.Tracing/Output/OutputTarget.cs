namespace Virtap.Tracing.Output;

/// <summary>Takes text out of the process; all of the bytes, or an exception.</summary>
/// <exception cref="IOException">They cannot be written: nobody reads, the disk is full.</exception>
public delegate void OutputTarget(ReadOnlySpan<byte> bytes);
