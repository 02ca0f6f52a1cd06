using Virtap.Language.Diagnostics;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends;

/// <summary>
/// A machine that runs handlers. Three steps: it says which it takes (<see cref="Supports"/>); makes of them what it runs, and tells what
/// it cannot do with the place in the script (<see cref="Translate"/>); and in a session has them loaded, attached and given up
/// (<see cref="HandlerCode.Load"/>, <see cref="LoadedHandlers"/>). A user of the library chooses among the ones that there are; who writes
/// another does so in this project, as all of that is internal.
/// </summary>
public interface IBackend
{
    /// <summary>Whether handlers of such targets run here.</summary>
    internal bool Supports(HandledTarget target);

    /// <summary>How much of a session's memory handlers of this machine reach.</summary>
    internal MemoryLimits Memory { get; }

    /// <summary>Pass 3: makes of handlers what this machine runs. A function of its inputs: nothing is loaded or attached.</summary>
    /// <param name="program">The script's program.</param>
    /// <param name="handlers">Those of its handlers that are for this machine; at least one.</param>
    /// <param name="diagnostics">Takes what this machine cannot do. Where it takes an error, the result is not to be used.</param>
    internal HandlerCode Translate(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, DiagnosticBag diagnostics);
}
