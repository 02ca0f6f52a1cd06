namespace Virtap.Cli.Run;

/// <summary>What a command line of <c>virtap run</c> wants.</summary>
internal enum RunRequest
{
    Run,
    Help,
    Version,
}
