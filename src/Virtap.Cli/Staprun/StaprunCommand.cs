using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Options;
using Virtap.Cli.Recorders;
using Virtap.Cli.Rendering;
using Virtap.Cli.Run;
using Virtap.Tracing.Runtime;
using static Virtap.Cli.Options.OptionArgument;

namespace Virtap.Cli.Staprun;

/// <summary>
/// <c>virtap staprun</c>, also called <c>staprun</c>: of staprun(8) what is about a session that goes on without us (<c>run -F</c>). Its
/// command line is read as staprun reads it.
/// </summary>
internal static class StaprunCommand
{
    private const string Usage = """

        staprun [-v] [-w] [-o FILE [-S size[,N]]] -A MODULE   fetch what it has recorded, and what it goes on to record
        staprun [-v] -d MODULE                                end it, and drop what nobody has fetched
        """;

    // Those about how a module is loaded and run are behind the others.
    private const string Switches = "hVvwAdLDRu", WithArgument = "oScxNbrTCM", Loading = "LDRucxNbrTCM";

    private static readonly OptionRule[] s_rules =
    [
        .. Switches.Select(static letter => new OptionRule(letter, null, None, "", "")),
        .. WithArgument.Select(static letter => new OptionRule(letter, null, Required, "", "")),
    ];

    private const string NoModules = "there are none here; virtap run -F begins a session in the background.";

    /// <summary>The command as the others' help and completion show it.</summary>
    public static Command Declaration() => new("staprun", "fetches what a script in the background has recorded: run -F")
    {
        new Argument<string[]>("words") { Description = "as for staprun(8): -A MODULE, or -d MODULE" },
    };

    /// <summary>Runs a command line, without the command's own name.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(string[] arguments)
    {
        var reader = new OptionReader(s_rules, arguments);
        Request request = new();
        while (reader.TryRead(out OptionRule? option, out string argument))
        {
            switch (option.Letter)
            {
                case 'h':
                    Console.Out.WriteLine(Usage.TrimStart());
                    return ExitStatus.Success;
                case 'V':
                    Console.Error.Write(RunHelp.Version);
                    return ExitStatus.Success;
                case 'S' when SafetyPattern.FileSizes.Problem(argument) is not null:
                    return Refuse($"Invalid file size option '{argument}'.");
                case var letter when Loading.Contains(letter, StringComparison.Ordinal):
                    return Refuse($"-{letter} is not supported: {NoModules}");
                case var letter:
                    request = request.With(letter, argument);
                    break;
            }
        }

        if (reader.Problem is { } problem)
            return Refuse("staprun: " + problem);
        return (reader.Operands, request) switch
        {
            (_, { Rotation: not null, OutputFormat: null }) => Refuse("You have to specify output FILE with '-S' option."),
            ([], _) => Refuse("Need a module name or path to load."),
            ([_, _, ..], { Attaches: true }) => Refuse("Cannot have module options with attach (-A)."),
            (_, { Attaches: false, Deletes: false }) =>
                Refuse($"A module is not loaded from a file: {NoModules}"),
            ([var name, ..], _) => Visit(name, request),
        };
    }

    private static int Visit(string name, Request request)
    {
        if (RecorderChannel.Connect(name) is not { } socket)
        {
            Say($"ERROR: Cannot attach to module {name} control channel; not running?");
            if (RecorderChannel.Names() is { Count: > 0 } names)
                Say($" hint: there {(names.Count == 1 ? "is" : "are")} {string.Join(", ", names)}");
            return ExitStatus.Failure;
        }

        using var visit = new RecorderVisit(socket);
        (VisitEnd end, int status) = request.Deletes ? (visit.Delete(), ExitStatus.Success) : Fetch(visit, name, request);
        switch (end)
        {
            case VisitEnd.Busy:
                Say($"ERROR: Couldn't {(request.Deletes ? "remove" : "attach to")} module '{name}': somebody else has attached to it.");
                return ExitStatus.Failure;
            case VisitEnd.Broken:
                Say($"ERROR: '{name}' has ended without its last words.");
                return ExitStatus.Failure;
            case VisitEnd.Left:
                StandardStreams.Error.Write(RecorderWords.Disconnected(name, process: null));
                return ExitStatus.Success;
            default:
                return status;
        }
    }

    private static (VisitEnd End, int Status) Fetch(RecorderVisit visit, string name, Request request)
    {
        using OutputWriter output = request.OpenOutput();
        try
        {
            var end = visit.Fetch((kind, bytes, lost) =>
            {
                if (kind == RecorderNews.Lost)
                    Say($"WARNING: {lost} bytes of what '{name}' has printed are lost: its memory is full (stap -s NUM makes it larger)");
                else if (kind == RecorderNews.Output)
                    output.Write(bytes);
                else if (!request.HidesWarnings || !bytes.AsSpan().StartsWith("WARNING: "u8))
                    StandardStreams.Error.Write(bytes);
                output.Complete();
                StandardStreams.Error.Flush();
            });
            return end;
        }
        catch (OutputException)
        {
            // Who reads no more has not ended it.
            Say(RecorderWords.Disconnected(name, process: null).TrimEnd());
            throw;
        }
    }

    private static int Refuse(string problem)
    {
        Say("ERROR: " + problem);
        Say(Usage);
        return ExitStatus.Failure;
    }

    private static void Say(string words)
    {
        foreach (string line in words.Split('\n'))
            StandardStreams.Report(line);
    }

    /// <summary>What is wanted.</summary>
    private sealed record Request
    {
        public bool Attaches { get; private init; }

        public bool Deletes { get; private init; }

        public bool HidesWarnings { get; private init; }

        public string? OutputFormat { get; private init; }

        public FileRotation? Rotation { get; private init; }

        public Request With(char letter, string argument) => letter switch
        {
            'A' => this with { Attaches = true },
            'd' => this with { Deletes = true },
            'w' => this with { HidesWarnings = true },
            'o' => this with { OutputFormat = argument },
            'S' => this with { Rotation = FileRotation.Parse(argument) },
            // -v: there is nothing more to tell.
            _ => this,
        };

        public OutputWriter OpenOutput() =>
            OutputFormat is null ? OutputWriter.StandardOutput() : OutputPath.Open(OutputFormat, Rotation);
    }
}
