using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Run;

/// <summary>Says on standard error what a script's passes do, and what they find.</summary>
/// <param name="options">What is to be said.</param>
/// <param name="diagnostics">What the passes find.</param>
internal sealed class PassReporter(RunOptions options, DiagnosticBag diagnostics)
{
    private readonly DiagnosticRenderer _renderer = new(
        options.Color ?? !Console.IsErrorRedirected, showsAll: options.VerbosityOf(1) > 0);

    private int _reported;

    /// <summary>Standard error.</summary>
    public OutputWriter Errors { get; } = StandardStreams.Error;

    /// <summary>Says a line.</summary>
    public void Say(string line)
    {
        Errors.Write(PrintableText.OfLines(line));
        Errors.Write("\n");
        Errors.Flush();
    }

    /// <summary>How many similar messages were not shown.</summary>
    public void ReportHidden()
    {
        Errors.Write(_renderer.Hidden);
        Errors.Flush();
    }

    /// <summary>Tells what was found since the last call.</summary>
    /// <returns>Whether the pass succeeded: no errors, and with -W no warnings.</returns>
    public bool Report(int pass)
    {
        bool hasFailed = diagnostics.HasErrors;
        var news = new DiagnosticBag();
        foreach (Diagnostic diagnostic in diagnostics.Diagnostics.Skip(_reported))
        {
            bool isWarning = diagnostic.Kind == DiagnosticKind.Warning;
            hasFailed |= isWarning && options.WarningsAreErrors;
            if (!isWarning || !options.HidesWarnings || options.WarningsAreErrors)
                news.Add(diagnostic);
        }

        _reported = diagnostics.Diagnostics.Count;
        Errors.Write(_renderer.Render(news));
        if (hasFailed)
        {
            Say(DiagnosticRenderer.PassFailed(pass));
            ReportHidden();
        }

        Errors.Flush();
        return !hasFailed;
    }

    /// <summary>A noun as it stands behind a number.</summary>
    public static string Plural(int count, string noun) => count == 1 ? noun : noun + "s";
}
