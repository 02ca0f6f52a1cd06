using Virtap.Cli.Run;
using Xunit;

namespace Virtap.Cli.Tests.Run;

public sealed class TapsetFoldersTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("virtap-tapset").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Folders_of_the_version_and_the_processor_count_and_others_do_not()
    {
        string[] read = [
            "linux/6.1.0-9-amd64/x86_64/a.stp", "6.1.0-9-amd64/a.stp", "6.1.0/x86_64/a.stp", "linux/6.1/a.stp", "6.1/a.stp",
            "linux/x86_64/a.stp", "x86_64/a.stp", "linux/a.stp", "a.stp", "b.stp", "PATH/usr/bin/a.stp", "PATH/usr/bin/deeper/a.stp"];
        foreach (string file in read.Concat(["arm64/a.stp", "x86_64/PATH/a.stp", "6/a.stp", "6.2/a.stp", "other/a.stp", "a.stpm", "a.txt"]))
        {
            string path = Path.Combine(_root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
            File.WriteAllText(path, "");
        }

        var folders = new TapsetFolders("6.1.0-9-amd64", "x86_64");
        Assert.Equal(read, folders.Files(_root, ".stp").Select(file => Path.GetRelativePath(_root, file)));
        Assert.Equal(
            [null, "/usr/bin", "/usr/bin/deeper"], folders.Read(_root).Skip(read.Length - 3).Select(static file => file.ProgramFolder));
        Assert.Equal(["a.stpm"], folders.Files(_root, ".stpm").Select(file => Path.GetRelativePath(_root, file)));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told() =>
        Assert.Throws<DirectoryNotFoundException>(() => new TapsetFolders("6.1.0", "x86_64").Files(_root + "/none", ".stp").Count());

    [Theory]
    [InlineData(null, null, "/usr/share/systemtap/tapset")]
    [InlineData("/opt/tapset", null, "/opt/tapset")]
    [InlineData(null, "/usr/local/share::/usr/share", "/usr/share/systemtap/tapset", "/usr/local/share/systemtap/tapset",
        "/usr/share/systemtap/tapset")]
    public void Installed_tapsets_lie_where_the_environment_of_SystemTap_says(string? tapset, string? data, params string[] folders) =>
        Assert.Equal(folders, TapsetFolders.Installed(name => name == "SYSTEMTAP_TAPSET" ? tapset : data));

    [Theory]
    [InlineData("/usr/share/systemtap/tapset", true)]
    [InlineData("/usr/share/systemtap/tapset/", true)]
    [InlineData("/usr/share/systemtap/tapset/linux", true)]
    [InlineData("/usr/share/systemtap/tapsets-of-mine", false)]
    [InlineData("/home/me/tapset", false)]
    public void The_packages_folder_is_known(string folder, bool isPackaged) =>
        Assert.Equal(isPackaged, TapsetFolders.IsPackaged(folder));
}
