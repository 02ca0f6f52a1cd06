using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Tests.Runtime;

public class LossCountsTests
{
    [Fact]
    public void Counts_are_read_from_the_memory()
    {
        byte[] memory = new byte[SessionCells.End];
        (int Cell, long Count)[] counts =
        [
            (SessionCells.Errors, 1),
            (SessionCells.SkippedByLock, 2),
            (SessionCells.SkippedByContext, 3),
            (SessionCells.LostRecords, 4),
            (SessionCells.CutStrings, 5),
        ];
        foreach ((int cell, long count) in counts)
            BitConverter.TryWriteBytes(memory.AsSpan(cell), count);
        Assert.Equal(
            new LossCounts { Errors = 1, SkippedByLock = 2, SkippedByContext = 3, LostRecords = 4, CutStrings = 5 },
            LossCounts.Read(memory));
    }
}
