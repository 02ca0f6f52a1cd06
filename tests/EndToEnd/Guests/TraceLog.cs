using System.Globalization;
using System.Text.RegularExpressions;

namespace Virtap.EndToEnd.Guests;

/// <summary>One line of QEMU's own trace log.</summary>
/// <param name="Thread">The host's id of the thread that logged it.</param>
/// <param name="Name">The event.</param>
/// <param name="Text">Its arguments, formatted by QEMU.</param>
public sealed record TraceLine(int Thread, string Name, string Text);

/// <summary>
/// What QEMU's log backend wrote: <c>THREAD@SECONDS.MICROSECONDS:EVENT ARGUMENTS</c> with <c>-msg timestamp=on</c>
/// (scripts/tracetool/backend/log.py in QEMU's source).
/// </summary>
public sealed partial class TraceLog(IReadOnlyList<TraceLine> lines)
{
    /// <summary>The log of a QEMU that logged nothing.</summary>
    public static TraceLog Empty { get; } = new([]);

    /// <summary>The lines, in the order in which they were written.</summary>
    public IReadOnlyList<TraceLine> Lines { get; } = lines;

    /// <summary>Reads a log; lines of another form are QEMU's other messages, and are left out.</summary>
    public static TraceLog Read(string path) => new(
        [.. from line in File.ReadLines(path)
            let match = Form().Match(line)
            where match.Success
            select new TraceLine(
                int.Parse(match.Groups["thread"].ValueSpan, CultureInfo.InvariantCulture),
                match.Groups["name"].Value,
                match.Groups["text"].Value)]);

    /// <summary>How often an event occurred.</summary>
    public int Count(string name) => Lines.Count(line => line.Name == name);

    [GeneratedRegex(@"^(?<thread>\d+)@\d+\.\d+:(?<name>\w+) ?(?<text>.*)$")]
    private static partial Regex Form();
}
