using Virtap.Cli;
using Virtap.Cli.Run;

// One binary, several names: stap takes SystemTap's place, virtap-run stands in a script's first line.
return Path.GetFileName(Environment.GetCommandLineArgs()[0]) switch
{
    "stap" or "virtap-run" => RunCommand.Run(args),
    // Straight to the point: what reads the other commands' lines is not needed for this one.
    _ when args is ["run", .. var rest] => RunCommand.Run(rest),
    _ => RootCommands.Create().Parse(args).Invoke(),
};
