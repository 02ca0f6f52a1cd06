using System.Runtime.InteropServices;

namespace Virtap.Tracing.Session;

/// <summary>
/// The signals that ask a session to end: the first of them is taken, the second does what it does to any process. And the one that asks
/// for the next output file.
/// </summary>
internal sealed class SessionSignals : IDisposable
{
    // Of no enumeration, but taken as a number; the same on x86-64 and aarch64.
    private const PosixSignal User2 = (PosixSignal)12;

    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _stop;
    private readonly Action _turn;
    private int _count;

    /// <summary>Takes signals from now on.</summary>
    /// <param name="stop">Called for the first, on a thread of its own.</param>
    /// <param name="turn">Called for each SIGUSR2, on a thread of its own.</param>
    public SessionSignals(Action stop, Action turn)
    {
        (_stop, _turn) = (stop, turn);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Take),
            PosixSignalRegistration.Create(User2, TurnFile),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void TurnFile(PosixSignalContext context)
    {
        context.Cancel = true;
        _turn();
    }

    private void Take(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _count) > 1)
            return;
        context.Cancel = true;
        _stop();
    }
}
