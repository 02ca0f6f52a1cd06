using System.Buffers.Text;
using System.Text;
using Virtap.Language.Library;
using Virtap.Processes.Access;
using Virtap.Processes.Commands;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Makes records text: prints go to the output, warn() and errors to standard error, as SystemTap's front end does it. What was printed
/// before a warning or an error is flushed first, so that on a terminal they appear in the order in which they happened.
/// </summary>
public sealed class RecordPrinter : IRecordSink, IDisposable
{
    /// <summary>Warnings that are remembered so as not to print them again.</summary>
    private const int MaxRemembered = 1024;

    private readonly PrintPlan[] _plans;
    private readonly IReadOnlyList<ErrorSite> _errorSites;
    private readonly OutputWriter _output;
    private readonly OutputWriter _errors;
    private readonly IRecordListener? _listener;
    private readonly TextBuffer _line = new();
    private readonly HashSet<string> _warnings = [];
    private readonly BackgroundCommands _commands = new();
    private readonly Speculations _speculations = new();
    private readonly StackText _stacks;

    /// <summary>Prints a program's records.</summary>
    /// <param name="program">The program whose handlers send them.</param>
    /// <param name="output">Where prints go.</param>
    /// <param name="errors">Where warnings and errors go.</param>
    /// <param name="listener">Hears of the rest.</param>
    public RecordPrinter(LoweredProgram program, OutputWriter output, OutputWriter errors, IRecordListener? listener = null)
    {
        _stacks = new StackText(why => Report("print_ubacktrace()", why));
        _plans = [.. program.PrintSites.Select(site => new PrintPlan(site, _stacks))];
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

    /// <summary>Closes the programs whose stacks were printed.</summary>
    public void Dispose() => _stacks.Dispose();

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
                RecordFormat.Process => TakeProcess(arguments),
                _ => kind < (uint)_plans.Length && Print(_plans[kind], arguments),
            };
        }

        if (!isWhole || reader.IsCorrupt)
            CorruptRecords++;
    }

    private bool Print(PrintPlan plan, ItemReader arguments)
    {
        switch (plan.Channel)
        {
            case PrintChannel.Warning: return Warn(plan, arguments);
            case PrintChannel.Output:
                bool isWhole = plan.TryFormat(arguments, _output.Text);
                _output.Added();
                return isWhole;
        }

        _line.Truncate(0);
        if (!plan.TryFormat(arguments, _line))
            return false;
        switch (plan.Channel)
        {
            case PrintChannel.Command: Run(_line.Written); break;
            case PrintChannel.KernelLog: Report("printk()", KernelLogs.Log(Number(_line.Written, out var message), message)); break;
            case PrintChannel.KernelTrace: Report("ftrace()", KernelLogs.Trace(_line.Written)); break;
            case PrintChannel.Speculation: Hold(Number(_line.Written, out var text), text); break;
            case PrintChannel.CommitSpeculation: Commit(Number(_line.Written, out _)); break;
            case PrintChannel.NextFile: _output.BeginNextFile(); break;
            case PrintChannel.DiscardSpeculation: _speculations.Take(Number(_line.Written, out _)); break;
        }

        return true;
    }

    /// <summary>The number that a text begins with, and what stands behind the blank after it.</summary>
    private static long Number(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        _ = Utf8Parser.TryParse(text, out long number, out int digits);
        rest = text[Math.Min(digits + 1, text.Length)..];
        return number;
    }

    /// <summary>Runs a command of system(); what was printed before it stands before what it prints.</summary>
    private void Run(ReadOnlySpan<byte> command)
    {
        _output.Flush();
        try
        {
            _commands.Start(Encoding.UTF8.GetString(command));
        }
        catch (ProcessException e)
        {
            Report("system()", e.Message);
        }
    }

    private void Hold(long number, ReadOnlySpan<byte> text)
    {
        if (!_speculations.TryAdd(number, text))
            Report("speculate()", "more is held back than there is room for; some of it is lost");
    }

    private void Commit(long number)
    {
        foreach (byte[] text in _speculations.Take(number))
        {
            _output.Text.Append(text);
            _output.Added();
        }
    }

    /// <summary>Tells, once, why a function could not do what it is for.</summary>
    private void Report(string function, string? why)
    {
        if (why is null || SuppressesWarnings)
            return;
        _line.Truncate(0);
        _line.Append(Encoding.UTF8.GetBytes($"WARNING: {function}: {why}\n"));
        if (RepeatsWarnings || IsNew(_line.Written))
            WriteError();
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
        return !_warnings.Contains(text) && (_warnings.Count >= MaxRemembered || _warnings.Add(text));
    }

    private bool PrintError(ItemReader arguments)
    {
        bool isWhole = arguments.TryReadLong(out long error) & arguments.TryReadLong(out long site) & arguments.TryReadLong(out long value);
        if (!isWhole || !arguments.TryReadText(out ReadOnlySpan<byte> text))
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

    private bool TakeProcess(ItemReader arguments)
    {
        bool isWhole = arguments.TryReadLong(out long kind) & arguments.TryReadLong(out long pid) & arguments.TryReadLong(out long tid);
        if (!isWhole || !arguments.TryReadText(out ReadOnlySpan<byte> name))
            return false;
        _listener?.OnProcess(kind, (int)pid, (int)tid, name);
        return true;
    }
}

/// <summary>Hears of what records tell besides text.</summary>
public interface IRecordListener
{
    /// <summary>A handler called exit().</summary>
    void OnExit();

    /// <summary>A handler ended by an error, which has been printed.</summary>
    void OnError();

    /// <summary>Something happened to a process that the session watches.</summary>
    /// <param name="kind">What, as the program that sent it numbers it.</param>
    /// <param name="pid">The process (the kernel's tgid).</param>
    /// <param name="tid">The thread.</param>
    /// <param name="name">The thread's name.</param>
    void OnProcess(long kind, int pid, int tid, ReadOnlySpan<byte> name);
}
