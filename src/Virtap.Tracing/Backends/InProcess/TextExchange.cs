using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Tracing.Files;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Runs a handler in a thread's name.</summary>
internal delegate void HandlerRunner(LoweredHandler handler, IExecutionContext context);

/// <summary>
/// Handlers that exchange texts with somebody outside: those of files, whose readers and writers have them run, and those of what is typed.
/// </summary>
internal sealed class TextExchange : IDisposable
{
    private const int ReadPermission = 0x100, WritePermission = 0x80, AllPermissions = 0x1ff;

    private readonly HandlerCode _code;
    private readonly SessionMemory _memory;
    private readonly HandlerRunner _run;
    private readonly List<ProbeBinding<FileTarget>> _files;
    private readonly List<ProbeBinding<InputTarget>> _inputs;
    private readonly Errands _errands = new();
    private ServedFolder? _folder;
    private StandardInput? _input;

    private TextExchange(
        HandlerCode code, SessionMemory memory, HandlerRunner run, List<ProbeBinding<FileTarget>> files,
        List<ProbeBinding<InputTarget>> inputs) =>
        (_code, _memory, _run, _files, _inputs) = (code, memory, run, files, inputs);

    /// <summary>Readable when there is something to <see cref="Take"/>.</summary>
    public SafeHandle Handle => _errands.Handle;

    /// <summary>The exchange of a session's handlers; null where none of them exchanges anything.</summary>
    public static TextExchange? Of(HandlerCode code, SessionMemory memory, HandlerRunner run)
    {
        List<ProbeBinding<FileTarget>> files = ProbeBinding<FileTarget>.In(code.Handlers);
        List<ProbeBinding<InputTarget>> inputs = ProbeBinding<InputTarget>.In(code.Handlers);
        return files.Count + inputs.Count > 0 ? new TextExchange(code, memory, run, files, inputs) : null;
    }

    /// <summary>Files are there, and input is read, from now on.</summary>
    /// <exception cref="IOException">Files cannot be served on this machine.</exception>
    public void Begin()
    {
        if (_files.Count > 0)
        {
            _folder = ServedFolder.Mount(
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
                _files.GroupBy(static each => each.Target.Path).Select(Serve));
        }

        if (_inputs.Count == 0)
            return;
        Action<byte[]>? onCharacter = _inputs.Exists(static each => !each.Target.IsLine) ? Hear(isLine: false) : null;
        _input = new StandardInput(_errands, _code.Program.Layout.MaxStringLength - 1, onCharacter, Hear(isLine: true));
    }

    /// <summary>Runs the handlers that are waited for.</summary>
    public void Take()
    {
        if (_memory.State == SessionState.Running)
            _errands.Run();
    }

    /// <summary>No handler runs any more; who waits for one gets an error.</summary>
    public void End()
    {
        _errands.Close();
        _folder?.Dispose();
        _folder = null;
        _input?.Dispose();
        _input = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _errands.Dispose();
    }

    private ServedFile Serve(IGrouping<string, ProbeBinding<FileTarget>> handlers)
    {
        ProbeBinding<FileTarget>[] readers = [.. handlers.Where(static each => !each.Target.IsWrite)];
        ProbeBinding<FileTarget>[] writers = [.. handlers.Where(static each => each.Target.IsWrite)];
        int given = handlers.Aggregate(0, static (all, each) => all | Permissions(each.Target));
        return new ServedFile(handlers.Key, given, Read, Write);

        byte[]? Read(int thread)
        {
            byte[]? contents = readers.Length == 0 ? [] : null;
            bool isDone = readers.Length == 0 || _errands.Ask(() =>
            {
                ExchangedText text = TextOf(readers[0].Target.Variable);
                text.Value = [];
                Run(readers, thread);
                contents = text.Value;
            });
            return isDone ? contents : null;
        }

        bool Write(int thread, byte[] written) => writers.Length == 0 || _errands.Ask(() =>
        {
            ExchangedText text = TextOf(writers[0].Target.Variable);
            text.Value = written;
            Run(writers, thread);
        });
    }

    /// <summary>What a file gives its owner by what can be done with it; where a umask is named, everybody what that leaves.</summary>
    private static int Permissions(FileTarget target)
    {
        int own = target.IsWrite ? WritePermission : ReadPermission;
        return target.Umask is int umask ? (own | (own >> 3) | (own >> 6)) & (AllPermissions & ~umask) : own;
    }

    private void Run(IEnumerable<ProbeBinding<FileTarget>> handlers, int thread)
    {
        foreach (ProbeBinding<FileTarget> each in handlers)
        {
            if (_memory.State != SessionState.Running)
                return;
            int process = ProcessStatus.ProcessOf(thread);
            _run(each.Handler, new ProcessEventContext(process, thread, ProcessStatus.NameOf(thread), each.Site));
        }
    }

    private Action<byte[]> Hear(bool isLine)
    {
        ProbeBinding<InputTarget>[] handlers = [.. _inputs.Where(each => each.Target.IsLine == isLine)];
        return bytes =>
        {
            foreach (ProbeBinding<InputTarget> each in handlers)
            {
                if (_memory.State != SessionState.Running)
                    return;
                ExchangedText text = TextOf(each.Target.Variable);
                text.Value = bytes;
                _run(each.Handler, new OwnContext(each.Site));
            }
        };
    }

    private ExchangedText TextOf(string variable) => new(_code.Program, _memory.View, variable);
}
