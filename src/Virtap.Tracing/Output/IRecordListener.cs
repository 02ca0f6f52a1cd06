namespace Virtap.Tracing.Output;

/// <summary>Hears of what records tell besides text.</summary>
public interface IRecordListener
{
    /// <summary>A handler called exit().</summary>
    void OnExit();

    /// <summary>A handler ended by an error, which has been printed.</summary>
    void OnError();

    /// <summary>Something happened to a process that the session watches.</summary>
    /// <param name="kind">What, as the program that sent it numbers it.</param>
    /// <param name="pid">The process (the kernel's tgid).</param>
    /// <param name="tid">The thread.</param>
    /// <param name="name">The thread's name.</param>
    void OnProcess(long kind, int pid, int tid, ReadOnlySpan<byte> name);
}
