namespace Virtap.Cli.Debug.Prompts;

/// <summary>A command of the prompt.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Help">What the help says of it: what stands behind it, and what it does.</param>
/// <param name="Execute">Carries it out, with what stands behind it.</param>
internal sealed record PromptCommand(string Name, string Help, Action<string> Execute);

/// <summary>Carries out commands that stand in commands: at a breakpoint, behind <c>thread apply</c>, in a file.</summary>
internal interface ILineExecutor
{
    /// <summary>Carries out one command.</summary>
    /// <exception cref="PromptException">It cannot be.</exception>
    void Execute(string line);

    /// <summary>Carries out a file's commands up to the first that fails, as gdb does.</summary>
    void ExecuteFile(string path);
}

/// <summary>The commands of the prompt, and what they may be shortened to.</summary>
/// <param name="all">All of them, in the order of the help.</param>
internal sealed class CommandTable(IReadOnlyList<PromptCommand> all)
{
    private static readonly Dictionary<string, string> s_short = new()
    {
        ["b"] = "break", ["br"] = "break", ["brea"] = "break", ["tb"] = "tbreak", ["c"] = "continue", ["fg"] = "continue", ["n"] = "next",
        ["s"] = "step", ["ni"] = "nexti", ["si"] = "stepi", ["fin"] = "finish", ["u"] = "until", ["p"] = "print", ["inspect"] = "print",
        ["l"] = "list", ["i"] = "info", ["inf"] = "info", ["bt"] = "backtrace", ["where"] = "backtrace", ["f"] = "frame",
        ["d"] = "delete", ["dis"] = "disable", ["disa"] = "disable", ["e"] = "echo", ["en"] = "enable", ["h"] = "help", ["k"] = "kill",
        ["q"] = "quit", ["exit"] = "quit", ["r"] = "run", ["t"] = "thread", ["cont"] = "continue", ["unt"] = "until", ["dow"] = "down",
    };

    /// <summary>Their names, in the order of the help.</summary>
    public IEnumerable<string> Names => all.Select(static each => each.Name);

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<PromptCommand> All => all;

    /// <summary>The commands that a word may mean: one, none or several.</summary>
    public IReadOnlyList<PromptCommand> Find(string word)
    {
        string name = s_short.GetValueOrDefault(word, word);
        return all.FirstOrDefault(each => each.Name == name) is { } meant ? [meant]
            : [.. all.Where(each => each.Name.StartsWith(word, StringComparison.Ordinal))];
    }
}
