using System.Runtime.InteropServices;

namespace Virtap.Tracing.Session;

/// <summary>The signals that ask a session to end: the first of them is taken, the second does what it does to any process.</summary>
internal sealed class SessionSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _stop;
    private int _count;

    /// <summary>Takes signals from now on.</summary>
    /// <param name="stop">Called for the first, on a thread of its own.</param>
    public SessionSignals(Action stop)
    {
        _stop = stop;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Take),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _count) > 1)
            return;
        context.Cancel = true;
        _stop();
    }
}
