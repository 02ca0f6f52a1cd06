using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;

namespace Virtap.Cli.Run;

/// <summary>One script on its way through the five passes.</summary>
internal sealed partial class ScriptRun : IDisposable
{
    private readonly RunOptions _options;
    private readonly OutputWriter _errors = OutputWriter.StandardError();
    private readonly DiagnosticBag _diagnostics = new();
    private readonly DiagnosticRenderer _renderer;
    private readonly ProbeResolver _resolver;
    private int _told;

    public ScriptRun(RunOptions options)
    {
        _options = options;
        _renderer = new DiagnosticRenderer(options.Color ?? !Console.IsErrorRedirected);
        _resolver = new ProbeResolver(new ProbeOptions
        {
            TargetProcess = options.TargetProcess ?? 0,
            Command = options.Command,
            Executables = options.Executables,
        });
    }

    /// <summary>Runs the passes that were asked for; returns the exit status.</summary>
    public int Execute()
    {
        if (_options.VerbosityOf(1) > 0)
        {
            foreach (string note in _options.Notes)
                Say(note);
        }

        if (!TryParse(out IReadOnlyList<ScriptSyntax> scripts, out ScriptLibrary library))
            return 1;
        if (_options.Dump != DumpKind.None)
            return Dump(library);
        if (_options.LastPass == 1)
            return PrintTree(scripts);
        if (_options.ListPoint is not null)
            return List(scripts, library);
        if (!TryBind(scripts, library, out BoundProgram program))
            return 1;
        return _options.LastPass == 2 ? PrintProgram(program) : RunSession(program);
    }

    public void Dispose()
    {
        _resolver.Dispose();
        _errors.Dispose();
    }

    private void Say(string line)
    {
        _errors.Write(line);
        _errors.Write("\n");
        _errors.Flush();
    }

    /// <summary>Tells what was found since the last call.</summary>
    /// <returns>Whether the pass succeeded: no errors, and with -W no warnings.</returns>
    private bool Tell(int pass)
    {
        bool hasFailed = _diagnostics.HasErrors;
        var news = new DiagnosticBag();
        foreach (Diagnostic diagnostic in _diagnostics.Diagnostics.Skip(_told))
        {
            bool isWarning = diagnostic.Kind == DiagnosticKind.Warning;
            hasFailed |= isWarning && _options.WarningsAreErrors;
            if (!isWarning || !_options.HidesWarnings || _options.WarningsAreErrors)
                news.Add(diagnostic);
        }

        _told = _diagnostics.Diagnostics.Count;
        _errors.Write(_renderer.Render(news));
        if (hasFailed)
            Say(DiagnosticRenderer.PassFailed(pass));
        _errors.Flush();
        return !hasFailed;
    }
}
