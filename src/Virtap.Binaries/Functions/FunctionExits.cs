namespace Virtap.Binaries.Functions;

/// <summary>Where a function is left for its caller.</summary>
/// <param name="Returns">Link-time addresses of the instructions that return, in order; empty where there is an obstacle.</param>
/// <param name="Obstacle">Why those would not be all of its returns; null where they are.</param>
public sealed record FunctionExits(IReadOnlyList<ulong> Returns, ExitObstacle? Obstacle);

/// <summary>Why the returns of a function are not known.</summary>
public enum ExitObstacle
{
    /// <summary>It may be left by a jump into another function, which then returns in its place.</summary>
    Jump,

    /// <summary>It has a jump by way of a register or of memory, and where that leads its code does not say.</summary>
    UnknownJump,

    /// <summary>No instruction of it returns: it ends the thread, or never ends.</summary>
    NeverReturns,

    /// <summary>Nothing says where its code ends, or it goes on behind that.</summary>
    UnknownEnd,

    /// <summary>An instruction that returns takes no probe.</summary>
    NoProbe,
}
