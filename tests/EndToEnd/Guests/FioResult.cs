using System.Text.Json;

namespace Virtap.EndToEnd.Guests;

/// <summary>What fio says it did, over all of its jobs.</summary>
/// <param name="Error">The first job's errno; 0 if no request failed.</param>
/// <param name="Reads">Read requests issued.</param>
/// <param name="Writes">Write requests issued.</param>
/// <param name="ReadLatency">Nanoseconds that the first job's reads took on average, from their submission on.</param>
public sealed record FioResult(int Error, long Reads, long Writes, double ReadLatency)
{
    /// <summary>Requests issued.</summary>
    public long Total => Reads + Writes;

    /// <summary>Reads fio's JSON; what precedes the first brace is its own remarks.</summary>
    public static FioResult Parse(CommandResult result)
    {
        var start = result.Output.IndexOf('{', StringComparison.Ordinal);
        Assert.True(result.Status == 0 && start >= 0, $"fio ended with status {result.Status}:\n{result.Output}");
        using var document = JsonDocument.Parse(result.Output[start..]);
        var jobs = document.RootElement.GetProperty("jobs").EnumerateArray().ToList();
        return new FioResult(
            jobs.Select(job => job.GetProperty("error").GetInt32()).FirstOrDefault(error => error != 0),
            jobs.Sum(job => job.GetProperty("read").GetProperty("total_ios").GetInt64()),
            jobs.Sum(job => job.GetProperty("write").GetProperty("total_ios").GetInt64()),
            jobs[0].GetProperty("read").GetProperty("clat_ns").GetProperty("mean").GetDouble());
    }
}
