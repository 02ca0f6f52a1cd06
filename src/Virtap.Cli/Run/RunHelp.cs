using System.Text;
using Virtap.Cli.Options;

namespace Virtap.Cli.Run;

/// <summary>The texts of <c>stap -V</c> and <c>stap --help</c>, in the form that programs written around stap look for.</summary>
internal static class RunHelp
{
    /// <summary>The version of SystemTap's language that scripts find here: <c>systemtap_v</c>.</summary>
    public const string LanguageVersion = "5.2";

    /// <summary>What -V prints on standard error.</summary>
    public static string Version { get; } = $"""
        Systemtap translator/driver (version {LanguageVersion}/eBPF, virtap {typeof(RunHelp).Assembly.GetName().Version!.ToString(3)})
        Virtap runs SystemTap scripts through eBPF: no kernel module, no compiler, no debuginfo.
        enabled features: BPF UPROBES

        """;

    /// <summary>What --help prints.</summary>
    public static string Usage()
    {
        var text = new StringBuilder("""
            Usage: virtap run [options] FILE [ARG...]         Run script in file.
               or: virtap run [options] - [ARG...]            Run script on stdin.
               or: virtap run [options] -e SCRIPT [ARG...]    Run given script.
               or: virtap run [options] -l PROBE              List matching probes.
               or: virtap run [options] -L PROBE              The same, with variables.
            (called by the name stap, it does the same)

            Examples:
              virtap run -v virtio.stp vdev:disk0
              virtap run -x web01 -e 'probe process.mark("virtio_notify") { print($vdev) }'
              virtap run -T 10 --exe /usr/libexec/qemu-kvm=/usr/bin/qemu-kvm notes.stap
              virtap run -L 'process("/usr/bin/qemu-system-x86_64").mark("virtio_blk*")'

            Options:
               --         end of options, script arguments follow

            """);
        foreach (OptionRule option in RunOptionRules.Working)
        {
            string spelling = (option.Letter, option.Name) switch
            {
                ('\0', _) => $"--{option.Name}{(option.Argument == OptionArgument.None ? "" : "=" + option.Placeholder)}",
                (_, null) => $"-{option.Letter}{(option.Argument == OptionArgument.None ? "" : " " + option.Placeholder)}",
                _ => $"-{option.Letter} --{option.Name}",
            };
            string[] lines = option.Help.Split('\n');
            if (spelling.Length > 10)
                text.Append("   ").AppendLine(spelling).Append(' ', 14).AppendLine(lines[0]);
            else
                text.Append("   ").Append(spelling.PadRight(11)).AppendLine(lines[0]);
            foreach (string line in lines.Skip(1))
                text.Append(' ', 14).AppendLine(line);
        }

        return text.ToString();
    }
}
