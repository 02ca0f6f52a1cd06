namespace Virtap.Tracing.Session;

/// <summary>A session cannot be run. The message says why, for people, one problem in a line.</summary>
public sealed class SessionException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionException()
        : this("the session cannot be run")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SessionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public SessionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
