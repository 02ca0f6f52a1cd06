using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Explain;

/// <summary><c>virtap explain FILE|-</c>: virtqueues that somebody pasted, in words.</summary>
internal static class ExplainCommand
{
    // A log of a whole session in gdb; what is longer is hardly text.
    private const int MaxCharacters = 16 << 20;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "a file with the text; - for standard input" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("explain", """
            what the fields of a virtqueue say, from text: gdb's "display *vq", QMP's x-query-virtio-queue-status, HMP's
            "info virtio-queue-status"; with several stops of one queue, what happened in between

            Exit status 2 where fields contradict each other.

            Examples:
              virtap explain gdb.log
              gdb -p 4711 -batch -ex 'b virtio_notify_irqfd' -ex c -ex 'p *vq' | virtap explain -
              virtap explain examples/gdb-display-vq.txt
            """) { file, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string file, bool asJson)
    {
        QueueExplanation explanation = QueueExplainer.Explain(Read(file));
        CommandOutput.Write(asJson, writer => ExplainJson.Write(writer, explanation), output => ExplainText.Write(output, explanation));

        IEnumerable<Finding> findings = explanation.Stops.SelectMany(s => s.Findings).Concat(explanation.Steps.SelectMany(s => s.Findings));
        return findings.Any(f => f.Kind == FindingKind.Broken) ? ExitStatus.Fault : ExitStatus.Success;
    }

    private static string Read(string file)
    {
        using TextReader reader = file == "-" ? Console.In : new StreamReader(FileWord.Check(file));
        char[] text = new char[4096];
        int length = 0;
        while (reader.ReadBlock(text, length, text.Length - length) is > 0 and var read)
        {
            length += read;
            if (length > MaxCharacters)
                throw new CommandException($"{file} is longer than {MaxCharacters >> 20} million characters");
            if (length == text.Length)
                Array.Resize(ref text, 2 * length);
        }

        return new string(text, 0, length);
    }
}
