using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Bpf.Kernel;

/// <summary>bpf(2) with its attributes typed and its errors turned into <see cref="BpfException"/>.</summary>
internal static unsafe class BpfSyscall
{
    /// <summary>Longest name the kernel keeps, without the closing zero.</summary>
    private const int NameLength = 15;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    /// <summary>A command; a negative errno on failure.</summary>
    public static int Try<T>(BpfCommand command, ref T attributes)
        where T : unmanaged
    {
        while (true)
        {
            nint result = Libc.Syscall(s_number, (nint)command, (nint)Unsafe.AsPointer(ref attributes), sizeof(T));
            if (result >= 0)
                return (int)result;
            int error = Errno.Last;
            if (error != Errno.Interrupted)
                return -error;
        }
    }

    /// <summary>
    /// A command that writes breakpoints into processes, made where no signal can break it off; a negative errno on failure.
    /// </summary>
    public static int TryOutside<T>(BpfCommand command, ref T attributes)
        where T : unmanaged =>
        (int)OutsideTask.CallToTheEnd(new SystemCall(s_number, (nint)command, (nint)Unsafe.AsPointer(ref attributes), sizeof(T)));

    /// <summary>A command.</summary>
    /// <exception cref="BpfException">It failed.</exception>
    public static int Call<T>(BpfCommand command, ref T attributes, string operation)
        where T : unmanaged
    {
        int result = Try(command, ref attributes);
        return result >= 0 ? result : throw BpfException.FromError(operation, -result);
    }

    /// <summary>A command that returns a file descriptor. The kernel makes them close on exec.</summary>
    /// <exception cref="BpfException">It failed.</exception>
    public static SafeFileHandle Open<T>(BpfCommand command, ref T attributes, string operation)
        where T : unmanaged => Own(Call(command, ref attributes, operation));

    /// <summary>A handle that closes the descriptor.</summary>
    public static SafeFileHandle Own(nint file) => new(file, ownsHandle: true);

    /// <summary>The descriptor of an open handle; the caller keeps the handle alive.</summary>
    public static int Descriptor(SafeHandle handle)
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
        return (int)handle.DangerousGetHandle();
    }

    /// <summary>Writes an object's name as the kernel allows it: letters, digits, <c>_</c> and <c>.</c>, at most 15.</summary>
    public static void WriteName(byte* destination, string name)
    {
        for (int n = 0; n < Math.Min(name.Length, NameLength); n++)
            destination[n] = (byte)(char.IsAsciiLetterOrDigit(name[n]) || name[n] == '.' ? name[n] : '_');
    }
}
