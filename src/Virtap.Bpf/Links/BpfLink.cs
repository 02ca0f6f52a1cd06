using System.Runtime.InteropServices;

namespace Virtap.Bpf.Links;

/// <summary>
/// A program attached to something. Disposing it detaches; so does the kernel when this process dies, by whatever signal.
/// </summary>
public abstract class BpfLink : IDisposable
{
    private protected BpfLink(SafeHandle handle) => Handle = handle;

    /// <summary>Its file descriptor.</summary>
    public SafeHandle Handle { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Detaches.</summary>
    protected virtual void Dispose(bool disposing) => Handle.Dispose();
}
