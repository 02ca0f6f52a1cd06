using Virtap.Bpf.Kernel;
using Virtap.Bpf.Specs;
using Virtap.Interop;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Session;

/// <summary>
/// Runs compiled scripts. What a script has come to is a type, which holds what it needs and offers what can come next:
/// <see cref="CompiledScript"/>, after <see cref="Load"/> (pass 4) a <see cref="LoadedScript"/>, after its
/// <see cref="LoadedScript.Start"/> (pass 5) a <see cref="RunningScript"/>, whose <see cref="RunningScript.RunToEnd"/> gives its
/// <see cref="SessionResult"/>. Each undoes by disposal what it began; the kernel does it if this process is killed.
/// </summary>
public sealed class ScriptHost(SessionOptions options)
{
    /// <summary>Pass 4: makes the session's memory, and has the handlers loaded by their backends. Nothing is attached yet.</summary>
    /// <exception cref="SessionException">The kernel refused; the message says what and why.</exception>
    public LoadedScript Load(CompiledScript script)
    {
        MapSpec? shared = script.Code.Select(each => each.SharedMemory).FirstOrDefault(map => map is not null);
        var loaded = new List<LoadedHandlers>();
        SessionMemory? memory = null;
        try
        {
            memory = new SessionMemory(script.Program, shared);
            memory.View.Word(SessionCells.MaxErrors) = options.MaxErrors;
            memory.View.Word(SessionCells.Target) = options.TargetProcess ?? 0;
            memory.View.Word(SessionCells.OwnProcess) = Environment.ProcessId;
            memory.View.Word(SessionCells.OwnUser) = Libc.UserId();
            memory.View.Word(SessionCells.RealtimeOffset) = SessionClocks.RealtimeOffset();
            memory.View.Word(SessionCells.CyclesPerNanosecond) = SessionClocks.CyclesPerNanosecond();
            if (script.Program.ReadsLoad)
                MachineLoad.Write(memory.View);
            var printer = new RecordPrinter(script.Program, options.Output, options.Errors)
            {
                SuppressesWarnings = options.SuppressesWarnings,
            };
            foreach (HandlerCode code in script.Code)
                loaded.Add(code.Load(memory, printer, options.ReportsTiming));
            return new LoadedScript(script.Program, options, memory, printer, loaded);
        }
        catch (Exception e)
        {
            loaded.ForEach(each => each.Dispose());
            memory?.Dispose();
            if (e is BpfException)
                throw new SessionException(e.Message, e);
            throw;
        }
    }
}
