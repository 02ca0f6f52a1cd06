using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virtap.Tracing.Output;

/// <summary>
/// Text on its way out. It leaves when <see cref="Flush"/> is called (whoever drains a ring does it before waiting) or when much has gathered.
/// A failure to write is remembered in <see cref="Failure"/> and the text is dropped from then on: a probe's output never stops a session by surprise.
/// </summary>
public sealed class OutputWriter : IDisposable
{
    /// <summary>Text that has gathered to this many bytes is written without waiting for a flush.</summary>
    private const int FlushBytes = 65536;

    private readonly OutputTarget _target;
    private readonly SafeFileHandle? _file;

    /// <summary>Writes to a target.</summary>
    public OutputWriter(OutputTarget target) => _target = target;

    private OutputWriter(SafeFileHandle file)
    {
        _file = file;
        _target = bytes => WriteAll((int)file.DangerousGetHandle(), bytes);
    }

    /// <summary>What was added and is not written yet. Who adds to it directly calls <see cref="Added"/> afterwards.</summary>
    public TextBuffer Text { get; } = new();

    /// <summary>Why nothing is written any more; null while all is well.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>A writer to the process's standard output.</summary>
    public static OutputWriter StandardOutput() => new(new SafeFileHandle(1, ownsHandle: false));

    /// <summary>A writer to the process's standard error.</summary>
    public static OutputWriter StandardError() => new(new SafeFileHandle(2, ownsHandle: false));

    /// <summary>A writer to a file, which is made or emptied.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static OutputWriter ToFile(string path) => new(File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite));

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> text)
    {
        Text.Append(text);
        Added();
    }

    /// <summary>Adds characters in UTF-8.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        Text.Append(text);
        Added();
    }

    /// <summary>Writes the text if much has gathered.</summary>
    public void Added()
    {
        if (Text.Length >= FlushBytes)
            Flush();
    }

    /// <summary>Writes all text now.</summary>
    public void Flush()
    {
        if (Text.Length == 0)
            return;
        try
        {
            if (Failure is null)
                _target(Text.Written);
        }
        catch (IOException e)
        {
            Failure = e;
        }

        Text.Truncate(0);
    }

    /// <summary>Flushes, and closes the file if it is this writer's own.</summary>
    public void Dispose()
    {
        Flush();
        _file?.Dispose();
    }

    private static unsafe void WriteAll(int file, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint written;
            fixed (byte* first = bytes)
                written = NativeMethods.Write(file, first, (nuint)bytes.Length);
            if (written > 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == NativeMethods.TryAgain)
                WaitUntilWritable(file);
            else if (error != NativeMethods.Interrupted)
                throw new IOException($"output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    /// <summary>Someone else may have made the terminal or pipe non-blocking: it is shared.</summary>
    private static unsafe void WaitUntilWritable(int file)
    {
        var entry = new PollEntry { File = file, Events = NativeMethods.PollOut };
        _ = NativeMethods.Poll(&entry, 1, -1);
    }
}
