using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;
using Virtap.Language;
using Virtap.Language.Diagnostics;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Text on its way out. It leaves when <see cref="Flush"/> is called (whoever drains a ring does it before waiting) or when much has
/// gathered. A failure to write is remembered in <see cref="Failure"/> and the text is dropped from then on: a probe's output never stops
/// a session by surprise. Whoever has written all that there is calls <see cref="Complete"/>, which does not let a failure pass.
/// </summary>
public sealed class OutputWriter : IDisposable
{
    /// <summary>Text that has gathered to this many bytes is written without waiting for a flush.</summary>
    private const int FlushBytes = 65536;

    /// <summary>Readable and writable by all, but for what the umask takes away.</summary>
    private const int ModeForAll = 0b110_110_110;

    private readonly OutputTarget _target;
    private readonly IDisposable? _file;

    // Set by whoever asks, a signal's thread among them; seen by the one that writes.
    private volatile bool _wantsNextFile;

    /// <summary>Writes to a target.</summary>
    public OutputWriter(OutputTarget target) => _target = target;

    private OutputWriter(int file, string name) => _target = bytes => WriteAll(file, name, bytes);

    private OutputWriter(FileSequence files)
        : this(files.Write) => _file = files;

    private OutputWriter(SafeFileHandle file, string name)
        : this((int)file.DangerousGetHandle(), name) => _file = file;

    /// <summary>What was added and is not written yet. Who adds to it directly calls <see cref="Added"/> afterwards.</summary>
    public TextBuffer Text { get; } = new();

    /// <summary>Where what is written here goes quoted; null for a writer that is no such one.</summary>
    private OutputWriter? Quoted { get; init; }

    /// <summary>Why nothing is written any more; null while all is well.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>A writer to the process's standard output.</summary>
    public static OutputWriter StandardOutput() => new(1, "standard output");

    /// <summary>A writer to the process's standard error.</summary>
    public static OutputWriter StandardError() => new(2, "standard error");

    /// <summary>
    /// A writer to a file, which is made or emptied; each time that the next one is asked for, to <c>PATH.1</c>, <c>PATH.2</c>.
    /// </summary>
    /// <exception cref="OutputException">The file cannot be opened for writing.</exception>
    public static OutputWriter ToFile(string path) => new(new FileSequence(path, bytes: null, kept: 0));

    /// <summary>A writer to a file and no other.</summary>
    /// <exception cref="OutputException">The file cannot be opened for writing.</exception>
    internal static OutputWriter ToOneFile(string path)
    {
        int file = Libc.Open(path, Libc.WriteOnly | Libc.Create | Libc.Truncate | Libc.CloseOnExec, ModeForAll);
        string name = $"file '{path}'";
        return file >= 0 ? new OutputWriter(new SafeFileHandle(file, ownsHandle: true), name) : throw Failed(name, Errno.Last);
    }

    /// <summary>A writer to files that follow each other: <c>PATH.0</c>, <c>PATH.1</c>.</summary>
    /// <param name="path">What their names begin with.</param>
    /// <param name="bytes">When the next one is begun; a single write stays in one file.</param>
    /// <param name="kept">How many of them are kept, the oldest go; 0 for all.</param>
    /// <exception cref="OutputException">The first cannot be opened for writing.</exception>
    public static OutputWriter ToFiles(string path, long bytes, int kept) => new(new FileSequence(path, bytes, kept));

    /// <summary>
    /// A writer to this one whose text arrives as <see cref="PrintableText"/> shows it: nothing in it that a terminal would obey.
    /// </summary>
    public OutputWriter Quoting() => new(bytes =>
    {
        var quoted = new ArrayBufferWriter<byte>(bytes.Length + 64);
        PrintableText.Write(bytes, quoted);
        Write(quoted.WrittenSpan);
        Complete();
    })
    {
        Quoted = this,
    };

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

    /// <summary>Has the next file begun when what is there has been written; from any thread.</summary>
    public void AskForNextFile() => _wantsNextFile = true;

    /// <summary>Writes all text now, and begins the next file; where the output goes to no file, that is all.</summary>
    public void BeginNextFile()
    {
        AskForNextFile();
        Flush();
    }

    /// <summary>Writes all text now.</summary>
    public void Flush()
    {
        if (Text.Length == 0 && !_wantsNextFile)
            return;
        try
        {
            if (Failure is null && Text.Length > 0)
                _target(Text.Written);
            if (_wantsNextFile && Failure is null)
            {
                (_file as FileSequence)?.BeginNext();
                Quoted?.BeginNextFile();
            }
        }
        catch (IOException e)
        {
            Failure = e;
        }

        _wantsNextFile = false;
        Text.Truncate(0);
    }

    /// <summary>Writes all text now, and answers for all that was written before.</summary>
    /// <exception cref="IOException">Some of it could not be written.</exception>
    public void Complete()
    {
        Flush();
        if (Failure is { } failure)
            throw failure;
    }

    /// <summary>Flushes, and closes the file if it is this writer's own.</summary>
    public void Dispose()
    {
        Flush();
        _file?.Dispose();
    }

    private static unsafe void WriteAll(int file, string name, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint written;
            fixed (byte* first = bytes)
                written = Libc.Write(file, first, (nuint)bytes.Length);
            if (written > 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            int error = Errno.Last;
            if (error == Errno.TryAgain)
                WaitUntilWritable(file);
            else if (error != Errno.Interrupted)
                throw Failed(name, error);
        }
    }

    private static OutputException Failed(string name, int error) => new(name, error, Errno.Text(error));

    /// <summary>Someone else may have made the terminal or pipe non-blocking: it is shared.</summary>
    private static unsafe void WaitUntilWritable(int file)
    {
        var entry = new PollEntry { File = file, Events = PollEntry.Writable };
        _ = Libc.Poll(&entry, 1, -1);
    }
}

/// <summary>Takes text out of the process; all of the bytes, or an exception.</summary>
/// <exception cref="IOException">They cannot be written: nobody reads, the disk is full.</exception>
public delegate void OutputTarget(ReadOnlySpan<byte> bytes);

/// <summary>Text that was to leave the process could not: the disk is full, the file cannot be opened, nobody reads any more.</summary>
/// <param name="name">Where it was to go, as a message calls it.</param>
/// <param name="error">errno(3).</param>
/// <param name="reason">The C library's words for it.</param>
public sealed class OutputException(string name, int error, string reason) : IOException($"{name} cannot be written: {reason}", error)
{
    private const int BrokenPipe = 32;

    /// <summary>Whether nobody reads any more (<c>| head</c>): they have seen what they wanted, and nothing is wrong.</summary>
    public bool IsBrokenPipe => HResult == BrokenPipe;
}
