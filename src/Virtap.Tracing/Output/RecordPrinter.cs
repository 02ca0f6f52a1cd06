using System.Text;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Output;

/// <summary>
/// Makes records text: prints go to the output, warn() and errors to standard error, as SystemTap's front end does it. What was printed before a warning or
/// an error is flushed first, so that on a terminal they appear in the order in which they happened.
/// </summary>
public sealed class RecordPrinter : IRecordSink
{
    /// <summary>Warnings that are remembered so as not to print them again.</summary>
    private const int MostRemembered = 1024;

    private readonly PrintPlan[] _plans;
    private readonly IReadOnlyList<ErrorSite> _errorSites;
    private readonly OutputWriter _output;
    private readonly OutputWriter _errors;
    private readonly IRecordListener? _listener;
    private readonly TextBuffer _line = new();
    private readonly HashSet<string> _warnings = [];

    /// <summary>Prints a program's records.</summary>
    /// <param name="program">The program whose handlers send them.</param>
    /// <param name="output">Where prints go.</param>
    /// <param name="errors">Where warnings and errors go.</param>
    /// <param name="listener">Hears of the rest.</param>
    public RecordPrinter(LoweredProgram program, OutputWriter output, OutputWriter errors, IRecordListener? listener = null)
    {
        _plans = [.. program.PrintSites.Select(site => new PrintPlan(site))];
        _errorSites = program.ErrorSites;
        _output = output;
        _errors = errors;
        _listener = listener;
    }

    /// <summary>Whether warn() is silent (option -w).</summary>
    public bool SuppressesWarnings { get; init; }

    /// <summary>Whether a warning is printed each time; else, as in SystemTap, only the first of equal ones is.</summary>
    public bool RepeatsWarnings { get; init; }

    /// <summary>Records of which something could not be understood.</summary>
    public long CorruptRecords { get; private set; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        bool isWhole = true;
        while (reader.TryReadItem(out uint kind, out ItemReader arguments))
        {
            isWhole &= kind switch
            {
                RecordFormat.Error => PrintError(arguments),
                RecordFormat.Exit => Exit(),
                RecordFormat.Process => TellProcess(arguments),
                _ => kind < (uint)_plans.Length && Print(_plans[kind], arguments),
            };
        }

        if (!isWhole || reader.IsCorrupt)
            CorruptRecords++;
    }

    private bool Print(PrintPlan plan, ItemReader arguments)
    {
        if (plan.Channel == PrintChannel.Warning)
            return Warn(plan, arguments);
        bool isWhole = plan.TryFormat(arguments, _output.Text);
        _output.Added();
        return isWhole;
    }

    private bool Warn(PrintPlan plan, ItemReader arguments)
    {
        _line.Truncate(0);
        _line.Append("WARNING: "u8);
        if (!plan.TryFormat(arguments, _line))
            return false;
        if (SuppressesWarnings)
            return true;
        ErrorMessage.EndLine(_line);
        if (RepeatsWarnings || IsNew(_line.Written))
            WriteError();
        return true;
    }

    private bool IsNew(ReadOnlySpan<byte> warning)
    {
        string text = Encoding.Latin1.GetString(warning);
        return !_warnings.Contains(text) && (_warnings.Count >= MostRemembered || _warnings.Add(text));
    }

    private bool PrintError(ItemReader arguments)
    {
        if (!arguments.TryReadLong(out long error) || !arguments.TryReadLong(out long site) || !arguments.TryReadLong(out long value) || !arguments.TryReadText(out ReadOnlySpan<byte> text))
            return false;
        _line.Truncate(0);
        ErrorMessage.Append(_line, (RuntimeError)error, site >= 0 && site < _errorSites.Count ? _errorSites[(int)site] : null, value, text);
        WriteError();
        _listener?.OnError();
        return true;
    }

    private void WriteError()
    {
        _output.Flush();
        _errors.Write(_line.Written);
        _errors.Flush();
    }

    private bool Exit()
    {
        _listener?.OnExit();
        return true;
    }

    private bool TellProcess(ItemReader arguments)
    {
        if (!arguments.TryReadLong(out long kind) || !arguments.TryReadLong(out long pid) || !arguments.TryReadLong(out long tid) || !arguments.TryReadText(out ReadOnlySpan<byte> name))
            return false;
        _listener?.OnProcess(kind, (int)pid, (int)tid, name);
        return true;
    }
}
