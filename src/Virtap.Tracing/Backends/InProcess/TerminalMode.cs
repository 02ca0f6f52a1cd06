using Virtap.Interop;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>A terminal that hands over characters as they are typed, and is put back when this is disposed of.</summary>
internal sealed unsafe class TerminalMode : IDisposable
{
    // struct termios of glibc and musl, and its flags (asm-generic/termbits.h).
    private const int TermiosBytes = 64, LocalFlagsAt = 12, Now = 0;
    private const uint ByLines = 2;

    private readonly int _file;
    private readonly byte[] _before;

    private TerminalMode(int file, byte[] before) => (_file, _before) = (file, before);

    /// <summary>Has a terminal hand over characters at once; null where the file is none.</summary>
    public static TerminalMode? Unbuffer(int file)
    {
        var before = new byte[TermiosBytes];
        fixed (byte* state = before)
        {
            if (Libc.ReadTerminal(file, state) != 0)
                return null;
        }

        byte[] changed = [.. before];
        fixed (byte* state = changed)
        {
            *(uint*)(state + LocalFlagsAt) &= ~ByLines;
            _ = Libc.WriteTerminal(file, Now, state);
        }

        return new TerminalMode(file, before);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        fixed (byte* state = _before)
            _ = Libc.WriteTerminal(_file, Now, state);
    }
}
