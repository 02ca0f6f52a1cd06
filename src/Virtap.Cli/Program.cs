using Virtap.Cli;
using Virtap.Cli.Commands;
using Virtap.Cli.Debug;
using Virtap.Cli.Rendering;
using Virtap.Cli.Run;
using Virtap.Cli.Staprun;

StandardStreams.Take();
try
{
    // As programs with commands have it: virtap help ls is virtap ls --help. Of what is no command that is told.
    string[] words = args switch
    {
        ["help"] => ["--help"],
        ["help", var about] => RootCommands.Has(about) ? [about, "--help"] : [about],
        _ => args,
    };
    // One binary, several names: stap and staprun take SystemTap's place, virtap-run stands in a script's first line.
    return CommandRunner.Run(() => Path.GetFileName(Environment.GetCommandLineArgs()[0]) switch
    {
        "stap" or "virtap-run" => RunCommand.Run(args),
        "staprun" => StaprunCommand.Run(args),
        // Straight to the point: what reads the other commands' lines is not needed for this one.
        _ when words is ["run", .. var rest] => RunCommand.Run(rest),
        _ when words is ["staprun", .. var rest] => StaprunCommand.Run(rest),
        _ when args is [DebugBack.Word, .. var rest] => DebugBack.Run(rest),
        _ when args is [ScriptTracer.Word, .. var rest] => ScriptTracer.Run(rest),
        _ => RootCommands.Run(words),
    });
}
catch (Exception e) when (Environment.GetEnvironmentVariable("VIRTAP_TRACE") is null)
{
    // What is wrong with the input is told where it is found; what comes here is a mistake of ours.
    StandardStreams.Report($"error: internal error, a mistake of Virtap's: {e.GetType().Name}: {e.Message}");
    StandardStreams.Report("       please report it with the command line, the script, and what VIRTAP_TRACE=1 in the environment adds");
    return ExitStatus.Failure;
}
