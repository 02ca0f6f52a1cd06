using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Virtap.Cli.Commands;

namespace Virtap.Cli.Help;

/// <summary>
/// <c>virtap --help</c> as an overview: what it is, examples, and a line for each command. The descriptions of the commands are pages,
/// which the library would put whole into its table; it shows them where they belong, in the command's own help.
/// </summary>
internal sealed class OverviewHelp(HelpAction commandHelp) : SynchronousCommandLineAction
{
    // The help of most programs has room in as many; and the blanks around a command's name.
    private const int Width = 80, Gap = 4;

    /// <summary>Makes this the help of a command line.</summary>
    public static void Attach(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new OverviewHelp((HelpAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not RootCommand root)
            return commandHelp.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Commands:");
        int width = root.Subcommands.Max(static command => command.Name.Length);
        foreach (Command command in root.Subcommands)
            output.WriteLine($"  {command.Name.PadRight(width)}  {Broken(FirstSentence(command.Description!), width + Gap)}");
        output.WriteLine();
        output.WriteLine("virtap help COMMAND tells more of each, with examples; virtap --version says");
        output.WriteLine("which Virtap this is.");
        return ExitStatus.Success;
    }

    /// <summary>A sentence in lines that a terminal has room for, each from the same column on.</summary>
    private static string Broken(string sentence, int column)
    {
        if (sentence.Length <= Width - column || sentence.LastIndexOf(' ', Width - column) is not (> 0 and var end))
            return sentence;
        return $"{sentence[..end]}\n{new string(' ', column)}{Broken(sentence[(end + 1)..], column)}";
    }

    /// <summary>The description's first paragraph, up to the details behind a colon.</summary>
    private static string FirstSentence(string description)
    {
        string paragraph = description.Split("\n\n")[0].ReplaceLineEndings(" ");
        int end = paragraph.IndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? paragraph : paragraph[..end];
    }
}
