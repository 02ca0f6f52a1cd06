namespace Virtap.Bpf.Programs;

/// <summary>
/// A mistake of the code that builds a program: an unmarked label, an unknown subprogram. Never caused by a script or a kernel.
/// </summary>
public sealed class BpfAssemblyException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    public BpfAssemblyException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public BpfAssemblyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public BpfAssemblyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
