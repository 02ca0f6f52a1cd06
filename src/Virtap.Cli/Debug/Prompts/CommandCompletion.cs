using Virtap.Debugging.Control;
using Virtap.Debugging.Sessions;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What a word of a command may become.</summary>
internal sealed class CommandCompletion(CommandTable commands, DebugSession session)
{
    private IReadOnlyList<string>? _functions;

    /// <summary>Given a line up to the cursor, what its last word may become.</summary>
    public string[] Of(string before)
    {
        string line = before.TrimStart();
        if (!line.Contains(' ', StringComparison.Ordinal))
            return [.. commands.Names];
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string command = commands.Find(words[0].Split('/')[0]) is [var only] ? only.Name : "";
        return command switch
        {
            "info" => [.. InfoCommands.Subjects],
            "help" => [.. commands.Names],
            "handle" or "signal" => [.. Signals.All.Select(Signals.NameOf)],
            "set" or "show" => [.. SettingCommands.Names],
            _ => [.. Functions(), .. session.Frame?.Variables().Select(static each => each.Name) ?? []],
        };
    }

    private IReadOnlyList<string> Functions() => _functions ??= [.. (session.Target.Program.Debug?.FunctionNames() ?? []).Distinct()];
}
