using System.Runtime.InteropServices;
using Virtap.Interop;

namespace Virtap.Cli.Rendering;

/// <summary>struct winsize of asm-generic/termios.h; its second half, pixels, nobody asks for.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct TerminalSize
{
    private const int StandardOutput = 1, StandardError = 2;

    // asm-generic/ioctls.h
    private const nuint GetWindowSize = 0x5413;

    public ushort Rows;
    public ushort Columns;

    /// <summary>
    /// The terminal's that standard output is; null where it is none, or does not say. <see cref="Console.WindowWidth"/> would write to
    /// the terminal first, to set up the reading of keys.
    /// </summary>
    public static TerminalSize? OfStandardOutput() => Of(StandardOutput);

    /// <summary>The same of standard error.</summary>
    public static TerminalSize? OfStandardError() => Of(StandardError);

    private static unsafe TerminalSize? Of(int file)
    {
        TerminalSize size;
        return Libc.Ioctl(file, GetWindowSize, (nint)(&size)) == 0 && size.Columns > 0 ? size : null;
    }
}
