using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;
using Virtap.Processes.Memory;

namespace Virtap.Watch.Logpoints;

/// <summary>Makes hits of what a logpoint's script prints.</summary>
/// <param name="fields">What each record of it has.</param>
/// <param name="memory">The memory that pointers lead into.</param>
/// <param name="take">Takes the hits.</param>
internal sealed class LogpointReader(IReadOnlyList<LogpointField> fields, TargetMemory memory, Action<LogpointHit> take)
{
    private readonly List<byte> _record = [];

    /// <summary>
    /// Takes what the script has printed; records may come in pieces. A zero byte ends each: the name of a thread, its last part, may hold
    /// all else.
    /// </summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (byte each in bytes)
        {
            if (each != 0)
            {
                _record.Add(each);
                continue;
            }

            take(Read(Encoding.UTF8.GetString([.. _record])));
            _record.Clear();
        }
    }

    private LogpointHit Read(string record)
    {
        var words = new Queue<string>(record.Split(' '));
        int thread = (int)Number(words);
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddMicroseconds(Number(words));
        List<Value> values = [.. fields.Select(field => Read(field, words))];
        return new LogpointHit(time, thread, string.Join(' ', words), values);
    }

    private Value Read(LogpointField field, Queue<string> words)
    {
        int size = field.IsMemory ? (int)(field.Type.Size ?? 0) : sizeof(long);
        byte[] bytes = new byte[size];
        for (int at = 0, step; at < size; at += step)
        {
            step = LogpointScript.Step(size - at);
            BitConverter.GetBytes(Number(words)).AsSpan(0, step).CopyTo(bytes.AsSpan(at));
        }

        return Value.Of(field.Type, bytes, memory);
    }

    private static long Number(Queue<string> words) => long.Parse(words.Dequeue(), CultureInfo.InvariantCulture);
}
