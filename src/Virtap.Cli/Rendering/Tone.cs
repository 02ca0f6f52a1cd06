namespace Virtap.Cli.Rendering;

/// <summary>What a piece of text is to its reader; on a terminal each has its colour.</summary>
internal enum Tone
{
    Plain,

    /// <summary>Headings: what one looks for first.</summary>
    Strong,

    /// <summary>What is there for those who want it: addresses, column headings.</summary>
    Quiet,

    /// <summary>Names of devices and queues.</summary>
    Name,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Not sure, or not as it should be.</summary>
    Caution,

    /// <summary>Wrong.</summary>
    Bad,
}
