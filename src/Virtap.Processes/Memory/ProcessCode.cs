using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Processes.Memory;

/// <summary>Writes into code of other processes, through <c>/proc/PID/mem</c>, which looks at no protection.</summary>
public static class ProcessCode
{
    /// <summary>Opens the memory of a process: of the program that it runs now.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not.</exception>
    public static SafeFileHandle Open(int processId) => File.OpenHandle(
        string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/mem"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    /// <summary>Writes; false where there is no such memory, or the process has ended or runs another program.</summary>
    /// <remarks>Memory that nobody has any more takes 0 bytes, and no error: <see cref="RandomAccess"/> would write for ever.</remarks>
    public static unsafe bool Write(SafeFileHandle memory, ulong address, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
            return Libc.WriteAt((int)memory.DangerousGetHandle(), first, (nuint)bytes.Length, (long)address) == bytes.Length;
    }
}
