using System.CommandLine;

namespace Virtap.Cli.Completion;

/// <summary>
/// <c>virtap completion SHELL</c>: a script for the shell; it asks the binary itself (the <c>[suggest]</c> directive) for what fits.
/// </summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "prints a completion script: source <(virtap completion bash)") { shell };
        command.SetAction(parsed => Console.WriteLine(Script(parsed.GetRequiredValue(shell))));
        return command;
    }

    private static string Script(string shell) => shell switch
    {
        "bash" => """
            _virtap() {
                local word=${COMP_WORDS[COMP_CWORD]}
                mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word")
            }
            complete -o default -F _virtap virtap
            """,
        "zsh" => """
            _virtap() {
                local -a fitting
                fitting=(${(f)"$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
                compadd -a fitting || _files
            }
            compdef _virtap virtap
            """,
        _ => """
            complete -c virtap -f -a '(virtap "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
            complete -c virtap -F -n '__fish_seen_subcommand_from run'
            """,
    };
}
