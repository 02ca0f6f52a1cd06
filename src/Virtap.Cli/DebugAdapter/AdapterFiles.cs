using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Cli.DebugAdapter;

/// <summary>
/// The protocol's two streams, taken away from standard input and output, so that neither the program that is debugged nor anything else
/// reads or writes in between: what that one writes comes as events, and it reads nothing.
/// </summary>
internal static unsafe class AdapterFiles
{
    // fcntl(2): a copy that programs that are started do not get, with a number that nothing else here wants.
    private const int CopyCloseOnExec = 1030, FirstCopy = 20;
    private const int Output = 1, Error = 2;

    /// <summary>Takes them.</summary>
    public static (Stream Input, PatientOutput Output) Take()
    {
        int input = Libc.Control(0, CopyCloseOnExec, FirstCopy), output = Libc.Control(Output, CopyCloseOnExec, FirstCopy);
        int nothing = Libc.Open("/dev/null", Libc.ReadOnly | Libc.CloseOnExec);
        _ = Libc.Duplicate(nothing, 0);
        return (Open(input), new PatientOutput(new SafeFileHandle(output, ownsHandle: true)));
    }

    /// <summary>Has everything that is written to standard output and standard error told, as long as this process lives.</summary>
    /// <param name="tell">Given the protocol's name of the stream, and text.</param>
    public static void Relay(Action<string, string> tell)
    {
        int* ends = stackalloc int[2];
        foreach ((int file, string name) in (ReadOnlySpan<(int, string)>)[(Output, "stdout"), (Error, "stderr")])
        {
            if (Libc.Pipe(ends, Libc.CloseOnExec) != 0)
                throw new IOException("no pipe for the program's output: " + Errno.Text(Errno.Last));
            _ = Libc.Duplicate(ends[1], file);
            _ = Libc.Close(ends[1]);
            Stream from = Open(ends[0]);
            new Thread(() => Copy(from, text => tell(name, text))) { IsBackground = true, Name = name }.Start();
        }
    }

    private static FileStream Open(int file) => new(new SafeFileHandle(file, ownsHandle: true), FileAccess.Read);

    private static void Copy(Stream from, Action<string> tell)
    {
        // A character may come in two pieces.
        using var reader = new StreamReader(from, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        char[] text = new char[4096];
        while (reader.Read(text) is > 0 and var count)
            tell(new string(text, 0, count));
    }
}
