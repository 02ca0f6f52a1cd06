using Virtap.Language.Library;

namespace Virtap.Cli.Run;

/// <summary>--dump-probe-types, --dump-probe-aliases, --dump-functions.</summary>
internal sealed partial class ScriptRun
{
    private int Dump(ScriptLibrary library)
    {
        IEnumerable<string> lines = _options.Dump switch
        {
            DumpKind.ProbeTypes => _resolver.Forms,
            DumpKind.ProbeAliases => LibrarySignatures.Aliases(library),
            _ => LibrarySignatures.Functions(library).Concat(VirtioNames.Signatures).Order(StringComparer.Ordinal),
        };
        foreach (string line in lines)
            Console.Out.WriteLine(line);
        return 0;
    }
}
