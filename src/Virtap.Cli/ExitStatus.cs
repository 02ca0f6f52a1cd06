using Virtap.Processes;
using Virtap.Virtio;

namespace Virtap.Cli;

/// <summary>The exit statuses of the commands that look into QEMU, and how they come about.</summary>
internal static class ExitStatus
{
    public const int Success = 0;

    /// <summary>The command could not do what it was asked to; standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>It could, and found something wrong with a device.</summary>
    public const int Fault = 2;

    // EPIPE: nobody reads standard output any more.
    private const int BrokenPipe = 32;

    /// <summary>Runs a command; what is wrong with its target or its words becomes one line on standard error.</summary>
    public static int Of(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (IOException e) when (e.HResult == BrokenPipe)
        {
            return Success;
        }
        catch (Exception e) when (e is VirtioException or ProcessException or CommandException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return Failure;
        }
    }
}
