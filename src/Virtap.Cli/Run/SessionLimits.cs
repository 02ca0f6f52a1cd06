using System.Globalization;
using Virtap.Language.Diagnostics;

namespace Virtap.Cli.Run;

/// <summary>The limits that -D sets; the defaults are SystemTap's (stap(1), "SAFETY AND SECURITY").</summary>
internal sealed record SessionLimits
{
    public int MaxActions { get; private init; } = 1000;

    public int? MaxActionsInterruptible { get; private init; }

    public int MaxStringLength { get; private init; } = 512;

    public int MaxMapEntries { get; private init; } = 2048;

    public long MaxErrors { get; private init; }

    public long MaxSkipped { get; private init; } = 100;

    public int? LockTries { get; private init; }

    /// <summary>Reads the definitions; one that has no meaning here is a warning, one that is no number an error.</summary>
    public static bool TryRead(RunOptions options, DiagnosticBag diagnostics, out SessionLimits limits)
    {
        limits = new SessionLimits();
        if (options.SuppressesTimeLimits)
            limits = limits with { MaxActions = int.MaxValue, MaxActionsInterruptible = int.MaxValue };
        if (options.SuppressesHandlerErrors)
            limits = limits with { MaxSkipped = long.MaxValue };
        int errors = diagnostics.ErrorCount;
        foreach ((string name, string value) in options.Definitions)
        {
            int number = 0;
            if (IsKnown(name) && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number) && IsInRange(name, number)))
                diagnostics.Semantic($"-D {name}={value}: {Range(name)} is needed", null);
            limits = name switch
            {
                "MAXACTION" => limits with { MaxActions = number },
                "MAXACTION_INTERRUPTIBLE" => limits with { MaxActionsInterruptible = number },
                "MAXSTRINGLEN" => limits with { MaxStringLength = number },
                "MAXMAPENTRIES" => limits with { MaxMapEntries = number },
                "MAXERRORS" => limits with { MaxErrors = number },
                "MAXSKIPPED" => limits with { MaxSkipped = number },
                "MAXTRYLOCK" => limits with { LockTries = number },
                _ => Warn(limits, name, diagnostics),
            };
        }

        return diagnostics.ErrorCount == errors;
    }

    private static bool IsKnown(string name) =>
        name is "MAXACTION" or "MAXACTION_INTERRUPTIBLE" or "MAXSTRINGLEN" or "MAXMAPENTRIES" or "MAXERRORS" or "MAXSKIPPED" or "MAXTRYLOCK";

    private static bool IsInRange(string name, int number) => name switch
    {
        "MAXSTRINGLEN" => number is >= 8 and <= 4096,
        "MAXERRORS" or "MAXSKIPPED" => true,
        _ => number >= 1,
    };

    private static string Range(string name) => name switch
    {
        "MAXSTRINGLEN" => "a number from 8 to 4096",
        "MAXERRORS" or "MAXSKIPPED" => "a number",
        _ => "a number from 1",
    };

    private static SessionLimits Warn(SessionLimits limits, string name, DiagnosticBag diagnostics)
    {
        diagnostics.Warning($"-D {name} has no effect: no such limit here", null);
        return limits;
    }
}
