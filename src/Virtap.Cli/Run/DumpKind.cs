namespace Virtap.Cli.Run;

/// <summary>What to list instead of running a script.</summary>
internal enum DumpKind
{
    None,
    ProbeTypes,
    ProbeAliases,
    Functions,
}
