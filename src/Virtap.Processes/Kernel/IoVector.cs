namespace Virtap.Processes.Kernel;

/// <summary>struct iovec.</summary>
internal struct IoVector
{
    public nuint Base;
    public nuint Length;
}
