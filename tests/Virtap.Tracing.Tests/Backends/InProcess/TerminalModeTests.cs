using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Tracing.Backends.InProcess;

namespace Virtap.Tracing.Tests.Backends.InProcess;

/// <summary>A terminal while <c>input.char</c> is probed, and after a signal that ends the session at once.</summary>
public partial class TerminalModeTests
{
    private const string Terminals = "/dev/ptmx";
    private const int TermiosBytes = 64, LocalFlagsAt = 12, HangUp = 1;

    [Fact]
    public void A_signal_puts_the_terminal_back_before_it_does_what_it_does()
    {
        Assert.SkipUnless(File.Exists(Terminals), "there are no pseudo-terminals");
        using SafeFileHandle terminal = File.OpenHandle(Terminals, FileMode.Open, FileAccess.ReadWrite);
        int file = (int)terminal.DangerousGetHandle();
        uint before = LocalFlags(file);
        // Here it does nothing.
        using PosixSignalRegistration spared = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true);
        using TerminalMode? mode = TerminalMode.Unbuffer(file);

        Assert.NotEqual(before, LocalFlags(file));
        _ = Kill(Environment.ProcessId, HangUp);
        Assert.True(SpinWait.SpinUntil(() => LocalFlags(file) == before, TimeSpan.FromMinutes(1)), "it is left as it was");
    }

    private static uint LocalFlags(int file)
    {
        byte[] state = new byte[TermiosBytes];
        Assert.Equal(0, ReadTerminal(file, state));
        return BitConverter.ToUInt32(state, LocalFlagsAt);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int ReadTerminal(int file, [Out] byte[] state);
}
