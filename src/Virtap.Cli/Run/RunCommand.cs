using System.CommandLine;
using System.CommandLine.Completions;
using Virtap.Cli.Options;
using Virtap.Cli.Rendering;
using Virtap.Cli.Tracers;

namespace Virtap.Cli.Run;

/// <summary><c>virtap run</c>, also called <c>stap</c> and <c>virtap-run</c>.</summary>
internal static class RunCommand
{
    /// <summary>Runs a command line, without the command's own name; returns the exit status: 0, or 1 where something failed.</summary>
    public static int Run(string[] arguments)
    {
        var (options, problem, request) = RunOptionsParser.Parse(arguments);
        if (request == RunRequest.Help)
        {
            Console.Out.Write(RunHelp.Usage());
            return 0;
        }

        if (request == RunRequest.Version)
        {
            Console.Error.Write(RunHelp.Version);
            return 0;
        }

        if (request == RunRequest.CleanCache)
            return 0;
        if (request == RunRequest.LanguageServer)
            return Serve();
        if (options is null)
        {
            foreach (string line in problem!.Split('\n'))
                StandardStreams.Report(line);
            return 1;
        }

        if (options.IsInteractive)
            return new InteractivePrompt(options, Run).Read();
        if (options is { UsesPtrace: true, LastPass: 5, IsListing: false })
            return TracerFront.Run(ScriptTracer.Word, "tracer", arguments);
        using FlightRecorder? recorder = options.IsRecorder ? FlightRecorder.Own(options, arguments) : null;
        if (options.IsRecorder && recorder is null)
            return FlightRecorder.Start(arguments);
        int status;
        using (var run = new ScriptRun(options) { Recorder = recorder })
            status = run.Execute();
        recorder?.WaitUntilFetched(status);
        return status;
    }

    private static int Serve()
    {
        using var run = new ScriptRun(new RunOptions());
        try
        {
            return run.Serve(Console.OpenStandardInput(), Console.OpenStandardOutput()) ? 0 : 1;
        }
        catch (IOException e)
        {
            StandardStreams.Report($"ERROR: the editor cannot be served: {e.Message}");
            return 1;
        }
    }

    /// <summary>The command as the others' help and completion show it; its line is read by <see cref="RunOptionsParser"/> alone.</summary>
    public static Command Declaration()
    {
        var words = new Argument<string[]>("words") { Description = "as for stap(1): [options] SCRIPT [ARG...]; see virtap run --help" };
        words.CompletionSources.Add(Spellings);
        var command = new Command("run", "runs a SystemTap script") { words };
        command.TreatUnmatchedTokensAsErrors = false;
        return command;
    }

    private static IEnumerable<CompletionItem> Spellings(CompletionContext context)
    {
        foreach (OptionRule option in RunOptionRules.Working)
        {
            if (option.Letter != '\0')
                yield return new CompletionItem($"-{option.Letter}");
            if (option.Name is not null)
                yield return new CompletionItem($"--{option.Name}");
        }
    }
}
