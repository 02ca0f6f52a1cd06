namespace Virtap.Cli.Recorders;

/// <summary>What is said of a recorder that is found by its name, in staprun's words.</summary>
internal static class RecorderWords
{
    /// <summary>How this program is called where it takes staprun's place.</summary>
    public static string Staprun { get; } = Path.GetFileName(Environment.GetCommandLineArgs()[0]) is "stap" or "staprun"
        ? "staprun" : "virtap staprun";

    /// <summary>That it goes on, and how one comes to it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="process">Its process id; null where it is not known here.</param>
    public static string Disconnected(string name, int? process)
    {
        string end = process is null ? "" : $"It is process {process}; to end it, type \"{Staprun} -d {name}\"\n";
        return $"Disconnecting from systemtap module.\nTo reconnect, type \"{Staprun} -A {name}\"\n{end}";
    }
}
