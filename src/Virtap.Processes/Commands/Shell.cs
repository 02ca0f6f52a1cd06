using System.Runtime.InteropServices;
using Virtap.Interop;
using Virtap.Processes.Access;

namespace Virtap.Processes.Commands;

/// <summary>A shell as a child of this process, with its environment and its signals as they were before the runtime set its own.</summary>
internal static unsafe class Shell
{
    /// <summary>Starts it.</summary>
    /// <param name="file">A descriptor of this process, and its number there; null for no more than it inherits.</param>
    /// <param name="words">Its name and arguments.</param>
    /// <exception cref="ProcessException">No process could be made.</exception>
    public static int Spawn((int Here, int There)? file, params ReadOnlySpan<string> words) =>
        ChildProgram.Spawn("/bin/sh", file is { } one ? [one] : [], isApart: false, words);

    /// <summary>Starts it in a session of its own: what is sent to this process's group or terminal does not reach it.</summary>
    /// <param name="input">A descriptor of this process that it reads.</param>
    /// <param name="words">Its name and arguments.</param>
    /// <exception cref="ProcessException">No process could be made.</exception>
    public static int SpawnApart(int input, params ReadOnlySpan<string> words) =>
        ChildProgram.Spawn("/bin/sh", [(input, 0)], isApart: true, words);
}

/// <summary>A program as a child of this process, with its environment, and signals as they were before the runtime set its own.</summary>
public static unsafe class ChildProgram
{
    private const int SignalPipe = 13;
    private const short SetSignalMaskAndDefaults = 0x04 | 0x08, InOwnSession = 0x80;

    /// <summary>Starts it.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="files">Descriptors of this process that it gets beside what it inherits, and their numbers there.</param>
    /// <param name="isApart">Whether it has a session of its own: what is sent to this process's group does not reach it.</param>
    /// <param name="words">Its name and arguments.</param>
    /// <returns>Its process id.</returns>
    /// <exception cref="ProcessException">No process could be made.</exception>
    public static int Spawn(
        string path, ReadOnlySpan<(int Here, int There)> files, bool isApart, params ReadOnlySpan<string> words)
    {
        SpawnObject actions, attributes, signals;
        using var arguments = new NativeStrings(words);
        // The environment as it was handed to this process, bytes and all.
        byte** environment = *(byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");
        _ = Libc.InitializeActions(&actions);
        _ = Libc.InitializeAttributes(&attributes);
        foreach ((int here, int there) in files)
            _ = Libc.AddDuplicate(&actions, here, there);
        // The runtime ignores SIGPIPE, which the command would inherit, and may run this on a thread that blocks signals.
        _ = Libc.EmptySignals(&signals);
        _ = Libc.SetBlockedSignals(&attributes, &signals);
        _ = Libc.AddSignal(&signals, SignalPipe);
        _ = Libc.SetDefaultSignals(&attributes, &signals);
        _ = Libc.SetFlags(&attributes, (short)(isApart ? SetSignalMaskAndDefaults | InOwnSession : SetSignalMaskAndDefaults));
        int pid;
        int error = Libc.Spawn(&pid, path, &actions, &attributes, arguments.Pointer, environment);
        _ = Libc.DestroyAttributes(&attributes);
        _ = Libc.DestroyActions(&actions);
        return error == 0 ? pid : throw new ProcessException($"{path} cannot be started: " + Errno.Text(error));
    }
}
