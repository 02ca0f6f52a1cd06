namespace Virtap.Virtio;

/// <summary>
/// Devices or queues could not be shown: no QEMU, a QEMU that is laid out in a way nobody knows, no such device. The message says which,
/// and what to do.
/// </summary>
public sealed class VirtioException : Exception
{
    /// <summary>Creates the exception.</summary>
    public VirtioException()
        : this("the devices cannot be shown")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public VirtioException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public VirtioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
