using System.Text;
using Virtap.Bpf.Features;
using Virtap.Bpf.Kernel;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Session;
using Virtap.Tracing.Session.Globals;

namespace Virtap.Cli.Counting;

/// <summary>
/// A script of Virtap's own that counts in a QEMU while a command shows what it has counted so far: not what it prints, which goes nowhere, but its globals.
/// </summary>
internal sealed class CountingScript : IDisposable
{
    private readonly ProbeResolver _resolver;
    private readonly ScriptSession _session;
    private readonly StringBuilder _errors;
    private readonly Thread _thread;
    private SessionResult? _result;

    private CountingScript(ProbeResolver resolver, ScriptSession session, StringBuilder errors)
    {
        (_resolver, _session, _errors) = (resolver, session, errors);
        _thread = new Thread(() => _result = session.Run()) { Name = "session" };
        _thread.Start();
    }

    /// <summary>The text of a script that lies in this assembly.</summary>
    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(CountingScript).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>Starts a script. When this returns, its probes fire.</summary>
    /// <param name="name">Which; what messages call it too.</param>
    /// <param name="options">Its arguments and limits.</param>
    /// <exception cref="CommandException">It cannot be run here: no privilege, or a QEMU that has not the marks it needs.</exception>
    public static CountingScript Start(string name, CountingOptions options)
    {
        if (!KernelFeatures.Current.Privilege.Present)
            throw new CommandException(Privileges.Explain());
        ProbeResolver? resolver = new(new ProbeOptions());
        ScriptSession? session = null;
        var errors = new StringBuilder();
        try
        {
            session = new ScriptSession(Compile(name, options, resolver), new SessionOptions
            {
                Output = new OutputWriter(_ => { }),
                Errors = new OutputWriter(bytes => errors.Append(Encoding.UTF8.GetString(bytes))),
                TimeLimit = options.TimeLimit,
                StopsOnSignals = options.StopsOnSignals,
                // Told in the command's own words.
                MaxSkipped = long.MaxValue,
                PrintsUnreadGlobals = false,
            });
            session.Translate();
            session.Load();
            session.Start();
            var script = new CountingScript(resolver, session, errors);
            (resolver, session) = (null, null);
            return script;
        }
        catch (SessionException e)
        {
            throw new CommandException(e.Message);
        }
        finally
        {
            session?.Dispose();
            resolver?.Dispose();
        }
    }

    /// <summary>What it has counted so far.</summary>
    /// <exception cref="CommandException">It cannot be looked at.</exception>
    public GlobalsSnapshot Look()
    {
        try
        {
            return _session.TakeSnapshot();
        }
        catch (SessionException e)
        {
            throw new CommandException(e.Message);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Whether it has ended: by a signal, its time, or an error.</returns>
    public bool Wait(TimeSpan time) => _thread.Join(time);

    /// <summary>Ends it: nothing counts any more, and what was counted can still be looked at.</summary>
    /// <returns>What was lost.</returns>
    /// <exception cref="CommandException">An error had ended it.</exception>
    public LossCounts Stop()
    {
        _session.Stop();
        _thread.Join();
        return _result is { HasFailed: false } result ? result.Losses : throw new CommandException(_errors.ToString().Trim());
    }

    public void Dispose()
    {
        _session.Stop();
        _thread.Join();
        _session.Dispose();
        _resolver.Dispose();
    }

    private static LoweredProgram Compile(string name, CountingOptions options, ProbeResolver resolver)
    {
        var diagnostics = new DiagnosticBag();
        var environment = new LanguageEnvironment { Arguments = options.Arguments };
        var library = new ScriptLibrary(source => ScriptParser.Parse(source, environment with { IsLibrary = true }, diagnostics));
        ScriptSyntax script = ScriptParser.Parse(new SourceText(name, Text(name)), environment, diagnostics);
        BoundProgram? bound = diagnostics.HasErrors ? null : ScriptBinder.Bind([script], library, resolver, new BindOptions(), diagnostics);
        LoweredProgram? lowered = bound is null ? null : Lowerer.Lower(bound, new LoweringOptions
        {
            KindOf = TargetKinds.Of,
            MaxActions = options.MaxActions,
            MaxMapEntries = options.MaxMapEntries,
        }, diagnostics);
        if (lowered is not null && !diagnostics.HasErrors)
            return lowered;
        Diagnostic problem = diagnostics.Diagnostics.First(d => d.Kind != DiagnosticKind.Warning);
        throw new CommandException(problem.Hint is { } hint ? $"{problem.Message}: {hint}" : problem.Message);
    }
}
