using Virtap.Cli.LanguageServer;
using Virtap.Tracing.Compilation;

namespace Virtap.Cli.Run;

/// <summary>--language-server.</summary>
internal sealed partial class ScriptRun
{
    /// <summary>How many arguments a script is taken to have in an editor; who runs it gives it its own.</summary>
    private const int SupposedArguments = 32;

    /// <summary>Serves an editor on two streams, until it says that it has done.</summary>
    /// <returns>Whether it said so.</returns>
    /// <exception cref="IOException">It does not speak the language server protocol, or cannot be written to.</exception>
    public bool Serve(Stream input, Stream output)
    {
        CompilerOptions options = CompilerOptions([.. Enumerable.Repeat("1", SupposedArguments)]);
        var server = new ScriptServer(
            new MessageStream(input, output), mistakes => new ScriptCompiler(options, _resolver, mistakes), [.. _resolver.Forms],
            typeof(RunHelp).Assembly.GetName().Version!.ToString(3));
        return server.Run();
    }
}
