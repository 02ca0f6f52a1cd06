namespace Virtap.Processes.Kernel;

/// <summary>struct pollfd.</summary>
internal struct PollEntry
{
    public const short Readable = 1;

    public int File;
    public short Events;
    public short Returned;
}
