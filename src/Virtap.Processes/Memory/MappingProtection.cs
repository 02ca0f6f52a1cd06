namespace Virtap.Processes.Memory;

/// <summary>What a process may do with a mapping, and whether it shares it (the letters <c>rwxs</c> of <c>/proc/PID/maps</c>).</summary>
[Flags]
public enum MappingProtection
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
    Shared = 8,
}
