using System.Globalization;

namespace Virtap.Cli.Rendering;

/// <summary>Figures with their units, as people say them.</summary>
internal static class Figures
{
    /// <summary>As in <c>3 d 4 h</c>, <c>12 min 5 s</c>, <c>1.4 s</c>, <c>85 ms</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => Invariant($"{(int)time.TotalDays} d {time.Hours} h"),
        { TotalHours: >= 1 } => Invariant($"{time.Hours} h {time.Minutes} min"),
        { TotalMinutes: >= 1 } => Invariant($"{time.Minutes} min {time.Seconds} s"),
        { TotalSeconds: >= 1 } => Invariant($"{time.TotalSeconds:0.0} s"),
        _ => Invariant($"{time.TotalMilliseconds:0} ms"),
    };

    /// <summary>A short time with three digits: <c>850 ns</c>, <c>1.23 µs</c>, <c>45.6 ms</c>, <c>1.20 s</c>.</summary>
    public static string Nanoseconds(double time) => time switch
    {
        < 999.5 => Invariant($"{time:0} ns"),
        < 999.5e3 => Invariant($"{ThreeDigits(time / 1e3)} µs"),
        < 999.5e6 => Invariant($"{ThreeDigits(time / 1e6)} ms"),
        _ => Invariant($"{ThreeDigits(time / 1e9)} s"),
    };

    /// <summary>
    /// Something per second: <c>0</c>, <c>8.5</c>, <c>412</c>, <c>62,300</c>; digits that sampling does not support are left out.
    /// </summary>
    public static string Rate(double perSecond) => perSecond switch
    {
        0 => "0",
        < 10 => Invariant($"{perSecond:0.0}"),
        < 1000 => Invariant($"{perSecond:0}"),
        _ => Invariant($"{perSecond:#,0}"),
    };

    /// <summary>A number of things: <c>1 queue</c>, <c>3 queues</c>.</summary>
    public static string Count(long number, string noun) => Invariant($"{number:#,0} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>
    /// What part of all each of some counts is: <c>7.7%</c>. Each is rounded where those before it ended, so that none is off by more than
    /// a tenth, none shows what is not there, and all add up to 100.
    /// </summary>
    public static string[] Shares(IReadOnlyList<long> counts)
    {
        var shares = new string[counts.Count];
        UInt128 all = (UInt128)Math.Max(1, counts.Sum()), soFar = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            UInt128 before = soFar * 1000 / all;
            soFar += (UInt128)counts[i];
            int share = (int)((soFar * 1000 / all) - before);
            shares[i] = Invariant($"{share / 10}.{share % 10}%");
        }

        return shares;
    }

    private static string ThreeDigits(double number) => number switch
    {
        < 9.995 => Invariant($"{number:0.00}"),
        < 99.95 => Invariant($"{number:0.0}"),
        _ => Invariant($"{number:#,0}"),
    };

    public static string Address(ulong address) => $"0x{address:x}";

    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
