using Virtap.Language;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Session;

namespace Virtap.Watch.Counting;

/// <summary>A session of a script of Virtap's own, with all that it stands on.</summary>
internal sealed class OwnSession : IDisposable
{
    private readonly ProbeResolver _resolver;
    private readonly LoadedScript _loaded;

    /// <summary>Starts one. When this returns, its probes fire.</summary>
    /// <exception cref="NoPrivilegeException">This process may not run it.</exception>
    /// <exception cref="WatchException">It cannot be run here.</exception>
    public OwnSession(
        SourceText source, IReadOnlyList<ulong> arguments, LoweringOptions limits, ProbeOptions probes, SessionOptions options)
    {
        _resolver = new ProbeResolver(probes);
        LoadedScript? loaded = null;
        try
        {
            loaded = new ScriptHost(options).Load(OwnScript.Compile(source, arguments, limits, _resolver));
            Running = loaded.Start();
            _loaded = loaded;
        }
        catch (Exception e)
        {
            loaded?.Dispose();
            _resolver.Dispose();
            if (e is SessionException)
                throw new WatchException(e.Message);
            throw;
        }
    }

    /// <summary>The session.</summary>
    public RunningScript Running { get; }

    public void Dispose()
    {
        Running.Dispose();
        _loaded.Dispose();
        _resolver.Dispose();
    }
}
