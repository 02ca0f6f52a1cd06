using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Virtap.EndToEnd;

/// <summary>A program on a terminal of its own, with somebody at the terminal.</summary>
public sealed partial class TerminalCommand : IAsyncDisposable
{
    private const int ReadWriteWithoutControl = 2 | 0x100; // O_RDWR | O_NOCTTY
    private const byte ControlC = 3;
    private readonly FileStream _terminal;
    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reader;

    private TerminalCommand(FileStream terminal, Process process)
    {
        (_terminal, _process) = (terminal, process);
        _reader = Task.Run(Read);
    }

    /// <summary>Everything that was written to the terminal so far, with its control sequences.</summary>
    public string Screen
    {
        get
        {
            lock (_screen)
                return _screen.ToString();
        }
    }

    /// <summary>Opens a terminal of 40 lines of 120 columns and starts the program as the leader of its session.</summary>
    public static TerminalCommand Start(string file, params IEnumerable<string> arguments)
    {
        var terminal = NativeMethods.OpenTerminal(ReadWriteWithoutControl);
        if (terminal.IsInvalid || NativeMethods.Grant(terminal) != 0 || NativeMethods.Unlock(terminal) != 0)
            throw new InvalidOperationException($"no terminal: error {Marshal.GetLastPInvokeError()}");
        var name = Marshal.PtrToStringUTF8(NativeMethods.Name(terminal)) ?? throw new InvalidOperationException("the terminal has no name");

        // The first terminal that the leader of a session opens is the one whose Ctrl-C it gets.
        var process = Command.Start(
            "/usr/bin/setsid",
            ["/bin/sh", "-c", "exec <\"$0\" >\"$0\" 2>&1; export TERM=xterm; stty rows 40 cols 120; exec \"$@\"", name, file,
                .. arguments]);
        return new TerminalCommand(new FileStream(terminal, FileAccess.ReadWrite, 0), process);
    }

    /// <summary>Waits until a text was written to the terminal.</summary>
    /// <exception cref="TimeoutException">It was not, within a minute.</exception>
    public async Task ShowsAsync(string text)
    {
        for (var i = 0; i < 1200 && !_process.HasExited; i++)
        {
            if (Screen.Contains(text, StringComparison.Ordinal))
                return;
            await Task.Delay(50);
        }

        throw new TimeoutException($"there is no '{text}' on the terminal:\n{Screen}");
    }

    /// <summary>Types a text.</summary>
    public void Type(string text) => _terminal.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Types Ctrl-C.</summary>
    public void PressControlC() => _terminal.WriteByte(ControlC);

    /// <summary>Waits for the end.</summary>
    public Task WaitAsync() => _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Types Ctrl-C and waits for the end.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="TimeoutException">It did not end within a minute.</exception>
    public async Task<int> InterruptAsync()
    {
        PressControlC();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            var tasks = Directory.GetDirectories($"/proc/{_process.Id}/task")
                .Select(task => File.ReadAllText(task + "/stat") + File.ReadAllText(task + "/wchan"));
            throw new TimeoutException($"Ctrl-C did not end it:\n{Screen}\n{string.Join('\n', tasks)}");
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        await _reader;
        _process.Dispose();
        _terminal.Dispose();
    }

    private void Read()
    {
        var buffer = new byte[4096];
        try
        {
            while (_terminal.Read(buffer) is > 0 and var length)
            {
                lock (_screen)
                    _screen.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (IOException)
        {
            // Everybody on the other side has gone: a terminal's way of saying so is an error.
        }
    }

    private static partial class NativeMethods
    {
        [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
        public static partial SafeFileHandle OpenTerminal(int flags);

        [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
        public static partial int Grant(SafeFileHandle terminal);

        [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
        public static partial int Unlock(SafeFileHandle terminal);

        [LibraryImport("libc", EntryPoint = "ptsname", SetLastError = true)]
        public static partial nint Name(SafeFileHandle terminal);
    }
}
