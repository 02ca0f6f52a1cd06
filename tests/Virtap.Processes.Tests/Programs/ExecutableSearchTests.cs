using Virtap.Processes.Files;
using Virtap.Processes.Programs;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Programs;

public sealed class ExecutableSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_name_without_a_slash_is_searched_along_the_path()
    {
        string first = Directory.CreateDirectory(Path.Combine(_folder.Path, "first")).FullName;
        _folder.Write("first/tool", "not executable", executable: false);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "second", "tool"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "third"));
        string tool = _folder.Write("third/tool", "the one");

        ExecutableFile file = Assert.Single(ExecutableSearch.Find("tool", $"{first}:/nowhere:{_folder.Path}/second:{_folder.Path}/third"));

        Assert.Equal(tool, file.Path);
        Assert.Equal(FileIdentity.Of(tool), file.Identity);
        Assert.Empty(ExecutableSearch.Find("tool", first));
    }

    [Fact]
    public void A_name_with_a_slash_is_taken_as_it_is_and_need_not_be_executable()
    {
        string library = _folder.Write("lib.so", "\u007fELF", executable: false);

        Assert.Equal(library, Assert.Single(ExecutableSearch.Find(library)).Path);
        Assert.Equal(library, Assert.Single(ExecutableSearch.Find(Path.GetRelativePath(Environment.CurrentDirectory, library))).Path);
        Assert.Empty(ExecutableSearch.Find(library + ".1"));
        Assert.Empty(ExecutableSearch.Find(_folder.Path));
        Assert.Empty(ExecutableSearch.Find(""));
    }

    [Fact]
    public void Links_are_resolved()
    {
        string program = _folder.Write("program", "x");
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, program);

        Assert.Equal(program, Assert.Single(ExecutableSearch.Find(link)).Path);
    }

    [Fact]
    public void A_script_stands_for_its_interpreter()
    {
        string interpreter = _folder.Write("interpreter", "\u007fELF");
        string script = _folder.Write("script", $"#! {interpreter} -x\necho\n");

        ExecutableFile file = Assert.Single(ExecutableSearch.Find(script));

        Assert.Equal(interpreter, file.Path);
        Assert.Equal(script, file.Script);
    }

    [Fact]
    public void A_script_of_env_stands_for_the_program_that_env_finds()
    {
        string script = _folder.Write("script", "#!/usr/bin/env -S A=1 sh -x");

        Assert.Equal(Assert.Single(ExecutableSearch.Find("sh")).Identity, Assert.Single(ExecutableSearch.Find(script)).Identity);
    }

    [Fact]
    public void Scripts_that_interpret_each_other_come_to_an_end()
    {
        string one = Path.Combine(_folder.Path, "one"), two = Path.Combine(_folder.Path, "two");
        _folder.Write("one", $"#!{two}\n");
        _folder.Write("two", $"#!{one}\n");

        Assert.Single(ExecutableSearch.Find(one));
    }

    [Fact]
    public void A_pattern_means_every_file_it_matches_once()
    {
        string a = _folder.Write("prog-a", "x"), b = _folder.Write("prog-b", "x");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "prog-c"), a);
        _folder.Write("other", "x");

        Assert.Equal([a, b], ExecutableSearch.Find(_folder.Path + "/prog-*").Select(f => f.Path));
        Assert.Equal([b], ExecutableSearch.Find(_folder.Path + "/prog-[b]").Select(f => f.Path));
        Assert.Empty(ExecutableSearch.Find(_folder.Path + "/none-*"));
    }

    [Fact]
    public void A_running_QEMU_is_listed_with_its_processes()
    {
        string program = _folder.CopyOf("/bin/sleep", "qemu-system-test");
        using var child = new Child(program, "1000");

        QemuProgram qemu = Assert.Single(QemuPrograms.All(), q => q.Path == program);

        Assert.Equal([child.Id], qemu.Processes.Select(p => p.Id));
    }

    [Fact]
    public void An_installed_QEMU_is_listed()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-x86_64"), "no QEMU is installed");

        Assert.Contains(QemuPrograms.All(), q => q.Path == "/usr/bin/qemu-system-x86_64");
    }

    [Theory]
    [InlineData("/usr/libexec/qemu-kvm", true)]
    [InlineData("/usr/bin/qemu-system-aarch64", true)]
    [InlineData("/usr/bin/qemu-img", false)]
    [InlineData("/usr/bin/qemu-x86_64", false)]
    public void QEMU_is_known_by_its_name(string path, bool expected) => Assert.Equal(expected, QemuPrograms.IsQemuName(path));

    public void Dispose() => _folder.Dispose();
}
