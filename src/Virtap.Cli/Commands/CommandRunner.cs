using Virtap.Binaries.Elf;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Processes.Access;
using Virtap.Tracing.Runtime;
using Virtap.Virtio;
using Virtap.Watch;

namespace Virtap.Cli.Commands;

/// <summary>
/// Runs commands, all in one way: what is wrong with a command's target or its words becomes one line on standard error, and output that
/// could not be written an error, so that no command has to look.
/// </summary>
internal static class CommandRunner
{
    /// <summary>Runs a command and writes what it has left to be written.</summary>
    /// <returns>The exit status of the process. It is 1 where something was lost; that somebody has read enough (<c>| head</c>) is no
    /// loss, and changes nothing of what the command has found out.</returns>
    public static int Run(Func<int> command)
    {
        int status = StatusOf(command);
        StandardStreams.Output.Flush();
        if (StandardStreams.Output.Failure is { } failure)
            status = IsBrokenPipe(failure) ? status : Report(failure);
        StandardStreams.Error.Flush();
        return StandardStreams.Error.Failure is not { } lost || IsBrokenPipe(lost) ? status : ExitStatus.Failure;
    }

    private static int StatusOf(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (IOException) when (StandardStreams.Output.Failure is { } failure)
        {
            // Told at the end, like a failure that shows only then.
            return IsBrokenPipe(failure) ? ExitStatus.Success : ExitStatus.Failure;
        }
        catch (OutputException e) when (e.IsBrokenPipe)
        {
            return ExitStatus.Success;
        }
        catch (Exception e) when (e is VirtioException or ProcessException or WatchException or CommandException
            or ElfFormatException or IOException or UnauthorizedAccessException)
        {
            return Report(e);
        }
    }

    private static int Report(Exception reason)
    {
        StandardStreams.Report("error: " + reason.Message);
        foreach (string line in reason is ScriptFailedException failed ? SessionEndWords.Of(failed.Result) : [])
            StandardStreams.Report(line);
        return ExitStatus.Failure;
    }

    private static bool IsBrokenPipe(Exception failure) => failure is OutputException { IsBrokenPipe: true };
}

/// <summary>A command cannot do what it was asked to; the message says why, and what to say instead.</summary>
internal sealed class CommandException(string message) : Exception(message);

/// <summary>The exit statuses of the commands.</summary>
internal static class ExitStatus
{
    public const int Success = 0;

    /// <summary>The command could not do what it was asked to; standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>It could, and found something wrong with a device.</summary>
    public const int Fault = 2;
}
