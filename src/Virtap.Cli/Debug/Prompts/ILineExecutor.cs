namespace Virtap.Cli.Debug.Prompts;

/// <summary>Carries out commands that stand in commands: at a breakpoint, behind <c>thread apply</c>, in a file.</summary>
internal interface ILineExecutor
{
    /// <summary>Carries out one command.</summary>
    /// <exception cref="PromptException">It cannot be.</exception>
    void Execute(string line);

    /// <summary>Carries out a file's commands up to the first that fails, as gdb does.</summary>
    void ExecuteFile(string path);
}
