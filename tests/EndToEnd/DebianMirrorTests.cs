namespace Virtap.EndToEnd;

/// <summary>What is fetched of Debian's comes from where the machine's own apt gets it, whatever mirror that is.</summary>
public class DebianMirrorTests
{
    [Theory]
    [InlineData("Debian|http://mirror.example/debian/\\nDebian|http://other.example/debian/", "http://mirror.example/debian")]
    [InlineData("Debian|http://security.example/debian-security/\\n|http://proxy.example:3142/debian", "http://proxy.example:3142/debian")]
    [InlineData("Docker|https://download.example/linux/debian", "http://deb.debian.org/debian")]
    [InlineData("", "http://deb.debian.org/debian")]
    public async Task It_is_the_one_that_apts_sources_name(string sources, string mirror)
    {
        var folder = Directory.CreateTempSubdirectory("virtap-apt-");
        try
        {
            var apt = Path.Combine(folder.FullName, "apt-get");
            await File.WriteAllTextAsync(apt, $"#!/bin/sh\nprintf '{sources}\\n'\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(apt, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            var shown = await Command.RunAsync(
                "/bin/bash",
                ["-c", $"set -euo pipefail; PATH={folder.FullName}:$PATH; . scripts/common.sh; . scripts/debian.sh; debian_mirror"]);

            Assert.Equal((0, mirror + "\n"), (shown.Status, shown.Output));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
