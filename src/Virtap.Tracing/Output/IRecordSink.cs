namespace Virtap.Tracing.Output;

/// <summary>Takes records, wherever they come from: the ring, or handlers run in this process.</summary>
public interface IRecordSink
{
    /// <summary>Takes one record of whole items (<see cref="Memory.RecordFormat"/>); its bytes are the caller's again afterwards.</summary>
    void Write(ReadOnlySpan<byte> record);
}
