using System.Text;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Cli.Words;
using Virtap.Language;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Tracing.Tests.Backends.Ebpf;

namespace Virtap.Tracing.Tests.Session;

/// <summary>A script's text, taken through all five passes.</summary>
internal static class ScriptText
{
    /// <summary>What a run printed, and how it ended.</summary>
    public sealed record Outcome(string Output, string Errors, SessionResult Result);

    /// <summary>Runs a script.</summary>
    /// <param name="text">The script.</param>
    /// <param name="meanwhile">Called when probes fire; when it returns, the session is told to end. Null for a script that ends
    /// itself.</param>
    /// <param name="probes">What -x, -c and --exe say.</param>
    /// <param name="with">Changes the session's options.</param>
    /// <param name="ebpf">What handlers in the kernel may do; null for what they do for users.</param>
    /// <param name="arguments">$1 and so on.</param>
    public static Outcome Run(
        string text,
        Action? meanwhile = null,
        ProbeOptions? probes = null,
        Func<SessionOptions, SessionOptions>? with = null,
        EbpfOptions? ebpf = null,
        params string[] arguments)
    {
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(probes ?? new ProbeOptions());
        CompiledScript? script = Compile(text, resolver, arguments, diagnostics, ebpf);
        Assert.Empty(diagnostics.Diagnostics.Select(d => d.Message));
        var output = new MemoryStream();
        var errors = new MemoryStream();
        var options = new SessionOptions
        {
            Output = new OutputWriter(bytes => output.Write(bytes)),
            Errors = new OutputWriter(bytes => errors.Write(bytes)),
            StopsOnSignals = false,
        };
        options = with?.Invoke(options) ?? options;
        using LoadedScript loaded = new ScriptHost(options).Load(script!);
        using RunningScript session = loaded.Start();
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

        SessionResult result = session.RunToEnd();
        stopper?.Join();
        SessionEndWords.Write(result, options.Errors, options.ReportsTiming);
        return new Outcome(Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()), result);
    }

    /// <summary>What is wrong with a script; what was being done when it went wrong is left out.</summary>
    public static IReadOnlyList<Diagnostic> Diagnose(string text, ProbeOptions? probes = null)
    {
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(probes ?? new ProbeOptions());
        Compile(text, resolver, [], diagnostics);
        return [.. diagnostics.Diagnostics.Select(Reason)];
    }

    private static Diagnostic Reason(Diagnostic diagnostic) =>
        diagnostic.Message.StartsWith("while ", StringComparison.Ordinal) && diagnostic.Related is [var (text, span), ..]
            ? diagnostic with { Message = text, Span = span ?? diagnostic.Span, Related = null } : diagnostic;

    /// <summary>Takes a script through passes 1 to 3.</summary>
    public static CompiledScript? Compile(
        string text, ProbeResolver resolver, string[] arguments, DiagnosticBag diagnostics, EbpfOptions? ebpf = null) =>
        new ScriptCompiler(
            new CompilerOptions
            {
                Backends = [new EbpfBackend(ebpf ?? new EbpfOptions()), InProcessBackend.Here],
                Environment = new LanguageEnvironment { Arguments = arguments },
                Binding = new BindOptions { KeepsUnused = true },
            },
            resolver,
            diagnostics).Compile(new SourceText("t.stp", text));
}
