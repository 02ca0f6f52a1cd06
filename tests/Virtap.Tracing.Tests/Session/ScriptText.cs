using System.Text;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Session;

namespace Virtap.Tracing.Tests.Session;

/// <summary>A script's text, taken through all five passes.</summary>
internal static class ScriptText
{
    /// <summary>What a run printed, and how it ended.</summary>
    public sealed record Outcome(string Output, string Errors, SessionResult Result);

    /// <summary>Runs a script.</summary>
    /// <param name="text">The script.</param>
    /// <param name="meanwhile">Called when probes fire; when it returns, the session is told to end. Null for a script that ends itself.</param>
    /// <param name="probes">What -x, -c and --exe say.</param>
    /// <param name="with">Changes the session's options.</param>
    /// <param name="arguments">$1 and so on.</param>
    public static Outcome Run(
        string text,
        Action? meanwhile = null,
        ProbeOptions? probes = null,
        Func<SessionOptions, SessionOptions>? with = null,
        params string[] arguments)
    {
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(probes ?? new ProbeOptions());
        LoweredProgram? program = Lower(text, resolver, arguments, diagnostics);
        Assert.Empty(diagnostics.Diagnostics.Select(d => d.Message));
        var output = new MemoryStream();
        var errors = new MemoryStream();
        var options = new SessionOptions
        {
            Output = new OutputWriter(bytes => output.Write(bytes)),
            Errors = new OutputWriter(bytes => errors.Write(bytes)),
            StopsOnSignals = false,
        };
        using var session = new ScriptSession(program!, with?.Invoke(options) ?? options);
        session.Translate();
        session.Load();
        session.Start();
        Thread? stopper = null;
        if (meanwhile is not null)
        {
            stopper = new Thread(() =>
            {
                try
                {
                    meanwhile();
                }
                finally
                {
                    session.Stop();
                }
            });
            stopper.Start();
        }

        SessionResult result = session.Run();
        stopper?.Join();
        return new Outcome(Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()), result);
    }

    /// <summary>What is wrong with a script.</summary>
    public static IReadOnlyList<Diagnostic> Diagnose(string text, ProbeOptions? probes = null)
    {
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(probes ?? new ProbeOptions());
        Lower(text, resolver, [], diagnostics);
        return diagnostics.Diagnostics;
    }

    /// <summary>Takes a script through passes 1 to 3.</summary>
    public static LoweredProgram? Lower(string text, ProbeResolver resolver, string[] arguments, DiagnosticBag diagnostics)
    {
        var environment = new LanguageEnvironment { Arguments = arguments };
        var library = new ScriptLibrary(source => ScriptParser.Parse(source, environment with { IsLibrary = true }, diagnostics));
        ScriptSyntax script = ScriptParser.Parse(new SourceText("t.stp", text), environment, diagnostics);
        if (diagnostics.HasErrors || ScriptBinder.Bind([script], library, resolver, new BindOptions(), diagnostics) is not { } bound)
            return null;
        return Lowerer.Lower(bound, new LoweringOptions { KindOf = TargetKinds.Of }, diagnostics);
    }
}
