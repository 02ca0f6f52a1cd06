namespace Virtap.Language.Binding;

/// <summary>What the command line says about a program's meaning.</summary>
public sealed record BindOptions
{
    /// <summary>Values of globals by name, given with <c>-G NAME=VALUE</c>, which take the place of their initial ones.</summary>
    public IReadOnlyDictionary<string, string> GlobalValues { get; init; } = new Dictionary<string, string>();

    /// <summary>-u: what is not used stays in the program, and has to be right.</summary>
    public bool KeepsUnused { get; init; }

    /// <summary>-g: the script may ask for what can harm the target. What Virtap cannot do in that respect, it says.</summary>
    public bool IsGuru { get; init; }

    /// <summary>--skip-badvars: a target variable that there is not, or that cannot be read, is 0.</summary>
    public bool SkipsBadVariables { get; init; }

    /// <summary>Where the user's clock is: what tz_ctime() and its like go by. Asked only by scripts that use them.</summary>
    public Func<TimeZoneInfo> TimeZone { get; init; } = static () => TimeZoneInfo.Local;

    /// <summary>
    /// How often the kernel's clock ticks in a second (CONFIG_HZ). Asked only by scripts that use it; null where whoever binds shall know.
    /// </summary>
    public Func<long>? TicksPerSecond { get; init; }
}
