using System.Text;
using Virtap.Cli.Words;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Tracing.Tests.Probes;

namespace Virtap.Tracing.Tests.Session;

/// <summary>Lowered programs made by hand, and their sessions. Globals are words that a test numbers as it likes.</summary>
internal sealed class HandMade : IDisposable
{
    private const int Globals = SessionCells.End;
    private const int Tables = Globals + 1024;
    private const int Claims = Tables + 3072;

    private readonly List<LoweredHandler> _handlers = [];
    private readonly List<PrintSite> _prints = [];
    private readonly List<InitialBytes> _initial = [];
    private readonly List<byte> _output = [];
    private readonly List<byte> _errors = [];
    private int _nextTable = Tables;
    private int _nextText = Tables + 1024;

    public HandMade(int? targetProcess = null) => Resolver = new ProbeResolver(new ProbeOptions { TargetProcess = targetProcess });

    public ProbeResolver Resolver { get; }

    public string Output
    {
        get
        {
            lock (_output)
                return Encoding.UTF8.GetString([.. _output]);
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors)
                return Encoding.UTF8.GetString([.. _errors]);
        }
    }

    public static GlobalSlot Global(int number) => new(Globals + (number * 8));

    public static LoweredStatement Add(int global) =>
        new StoreLong(Global(global), new LongBinary(LongOperator.Add, new LongAt(Global(global)), new LongConstant(1)));

    public static LoweredStatement Fail() =>
        new StoreLong(Global(99), new LongBinary(LongOperator.Divide, new LongConstant(1), new LongAt(Global(98)), 0));

    /// <summary>Adds a handler for a probe point.</summary>
    public void On(string point, params LoweredStatement[] body)
    {
        ProbeResolution resolution = Resolver.Resolve(Point.Of(point));
        Assert.Null(resolution.Problem);
        On(resolution.Targets, body);
    }

    public void On(IReadOnlyList<ProbeTarget> targets, params LoweredStatement[] body) =>
        _handlers.Add(new LoweredHandler($"handler_{_handlers.Count}", targets, new LoweredBlock(body), 1000, true, []));

    /// <summary>Prints a text and a line end; <c>{0}</c> in it is a global.</summary>
    public LoweredPrint Print(string text, LongExpression? value = null)
    {
        string[] parts = (text + "\n").Split("{0}");
        var pieces = new List<FormatPiece> { new LiteralPiece(parts[0], 0) };
        if (parts.Length > 1)
        {
            pieces.Add(
                new ConversionPiece(
                    FormatConversion.Signed, FormatFlags.None, null, null, value ?? throw new ArgumentNullException(nameof(value))));
            pieces.Add(new LiteralPiece(parts[1], 0));
        }

        return Print(pieces);
    }

    public LoweredPrint Print(string text, int global) => Print(text, new LongAt(Global(global)));

    /// <summary>Prints pp() of targets.</summary>
    public LoweredPrint PrintPoint(IReadOnlyList<ProbeTarget> targets)
    {
        int table = _nextTable;
        foreach (ProbeTarget target in targets)
        {
            byte[] text = [.. Encoding.UTF8.GetBytes(target.Point), .. new byte[16]];
            _initial.Add(new InitialBytes(_nextText, text, IsConstant: true));
            _initial.Add(new InitialBytes(_nextTable, BitConverter.GetBytes((long)_nextText), IsConstant: true));
            _nextText += (text.Length + 7) & ~7;
            _nextTable += 8;
        }

        return Print(
            [new ConversionPiece(FormatConversion.String, FormatFlags.None, null, null, new SiteString(table)),
                new LiteralPiece("\n", 0)]);
    }

    public LoweredPrint Print(IReadOnlyList<FormatPiece> pieces)
    {
        _prints.Add(new PrintSite(_prints.Count, PrintChannel.Output, pieces));
        return new LoweredPrint(_prints[^1]);
    }

    /// <summary>The program so far, as its machines run it.</summary>
    public CompiledScript Compile(EbpfOptions? ebpf = null)
    {
        const int ContextBytes = 16384, Contexts = 4;
        int cpus = Math.Min(Environment.ProcessorCount, 64);
        int contexts = (Claims + (cpus * 64) + 63) & ~63;
        var layout = new MemoryLayout
        {
            MaxStringLength = 256,
            ClaimsOffset = Claims,
            CpuCount = cpus,
            ContextsPerCpu = Contexts,
            ContextsOffset = contexts,
            ContextBytes = ContextBytes,
            OutputOffset = ContextCells.ErrorText + 640,
            OutputBytes = 8192,
            Bytes = contexts + (((cpus * Contexts) + 1) * ContextBytes),
            Arrays = [],
        };
        var program = new LoweredProgram
        {
            Layout = layout,
            Handlers = _handlers,
            PrintSites = _prints,
            ErrorSites = [new ErrorSite("operator '/'", "t.stp:1:1", null)],
            Initial = _initial,
        };
        var diagnostics = new DiagnosticBag();
        IBackend[] backends = [new EbpfBackend(ebpf ?? new EbpfOptions()), InProcessBackend.Here];
        CompiledScript? script = ScriptCompiler.Translate(program, backends, diagnostics);
        Assert.Empty(diagnostics.Diagnostics.Select(d => d.Message));
        return script!;
    }

    /// <summary>Runs scripts and catches their output.</summary>
    public ScriptHost Host(Func<SessionOptions, SessionOptions>? with = null)
    {
        var options = new SessionOptions
        {
            Output = new OutputWriter(bytes => Append(_output, bytes)),
            Errors = new OutputWriter(bytes => Append(_errors, bytes)),
            StopsOnSignals = false,
        };
        return new ScriptHost(with?.Invoke(options) ?? options);
    }

    /// <summary>
    /// Runs the whole session; <paramref name="meanwhile"/> is called when probes fire, and when it returns the session is told to end.
    /// </summary>
    public SessionResult Run(Action? meanwhile = null, Func<SessionOptions, SessionOptions>? with = null, EbpfOptions? ebpf = null)
    {
        using LoadedScript loaded = Host(with).Load(Compile(ebpf));
        using RunningScript session = loaded.Start();
        SessionResult result = RunToEnd(session, meanwhile);
        SessionEndWords.Write(result, loaded.Options.Errors, loaded.Options.ReportsTiming);
        return result;
    }

    private static SessionResult RunToEnd(RunningScript session, Action? meanwhile)
    {
        if (meanwhile is null)
            return session.RunToEnd();
        Task<SessionResult> running = Task.Run(session.RunToEnd);
        try
        {
            meanwhile();
        }
        finally
        {
            session.Stop();
        }

        return running.GetAwaiter().GetResult();
    }

    public void Dispose() => Resolver.Dispose();

    private static void Append(List<byte> list, ReadOnlySpan<byte> bytes)
    {
        lock (list)
            list.AddRange(bytes);
    }
}
