using Virtap.Bpf.Maps;

namespace Virtap.Bpf.Tests.Support;

/// <summary>Is given one record; the bytes are the ring's own and are overwritten after the return.</summary>
internal delegate void RingRecordHandler(ReadOnlySpan<byte> record);

/// <summary>All that a ring has.</summary>
internal static class RingRecords
{
    /// <summary>Gives every finished record to the handler, until none is left.</summary>
    /// <returns>The number of records.</returns>
    public static int Drain(this RingBufferReader ring, RingRecordHandler handler)
    {
        int count = 0;
        while (ring.TryRead(out ReadOnlySpan<byte> record))
        {
            count++;
            handler(record);
        }

        return count;
    }
}
