namespace Virtap.Cli.Run;

/// <summary>--dump-probe-types, --dump-probe-aliases, --dump-functions.</summary>
internal sealed partial class ScriptRun
{
    private int Dump()
    {
        IEnumerable<string> lines = _options.Dump switch
        {
            DumpKind.ProbeTypes => _resolver.Forms,
            _ => [],
        };
        using var output = new StreamWriter(Console.OpenStandardOutput());
        foreach (string line in lines)
            output.WriteLine(line);
        return 0;
    }
}
