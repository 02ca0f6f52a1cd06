using Microsoft.Win32.SafeHandles;

namespace Virtap.Bpf.Links;

/// <summary>
/// A program attached to something. Disposing it detaches; so does the kernel when the process dies, by whatever signal, as nothing is pinned.
/// </summary>
public abstract class BpfLink : IDisposable
{
    private protected BpfLink(SafeFileHandle handle) => Handle = handle;

    /// <summary>Its file descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Detaches.</summary>
    protected virtual void Dispose(bool disposing) => Handle.Dispose();
}
