using System.Runtime.InteropServices;
using Virtap.Interop;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// A terminal that hands over characters as they are typed, and is put back when this is disposed of, or by a signal: the second one that
/// asks a session to end does what it does to any process, be it while the session still takes its breakpoints out.
/// </summary>
internal sealed unsafe class TerminalMode : IDisposable
{
    // struct termios of glibc and musl, and its flags (asm-generic/termbits.h).
    private const int TermiosBytes = 64, LocalFlagsAt = 12, Now = 0;
    private const uint ByLines = 2;

    private readonly int _file;
    private readonly byte[] _before;
    private readonly PosixSignalRegistration[] _signals;

    private TerminalMode(int file, byte[] before)
    {
        (_file, _before) = (file, before);
        _signals = [
            .. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
                .Select(each => PosixSignalRegistration.Create(each, _ => PutBack()))];
    }

    /// <summary>Has a terminal hand over characters at once; null where the file is none.</summary>
    public static TerminalMode? Unbuffer(int file)
    {
        var before = new byte[TermiosBytes];
        fixed (byte* state = before)
        {
            if (Libc.ReadTerminal(file, state) != 0)
                return null;
        }

        var mode = new TerminalMode(file, before);
        byte[] changed = [.. before];
        fixed (byte* state = changed)
        {
            *(uint*)(state + LocalFlagsAt) &= ~ByLines;
            _ = Libc.WriteTerminal(file, Now, state);
        }

        return mode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        PutBack();
    }

    private void PutBack()
    {
        fixed (byte* state = _before)
            _ = Libc.WriteTerminal(_file, Now, state);
    }
}
