using System.Runtime.InteropServices;

namespace Virtap.Cli.Rendering;

internal static partial class NativeMethods
{
    private const int StandardOutput = 1;

    // asm-generic/ioctls.h
    private const nuint GetWindowSize = 0x5413;

    /// <summary>
    /// Columns of the terminal that standard output is; null where it is none. <see cref="Console.WindowWidth"/> would write to the terminal first to set up the reading of keys.
    /// </summary>
    public static int? TerminalColumns() => Ioctl(StandardOutput, GetWindowSize, out WindowSize size) == 0 && size.Columns > 0 ? size.Columns : null;

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int file, nuint request, out WindowSize size);

    // struct winsize of asm-generic/termios.h
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort HorizontalPixels;
        public ushort VerticalPixels;
    }
}
