using Virtap.Processes.Files;
using Virtap.Processes.Memory;
using Virtap.Processes.Programs;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests;

public class LiveProcessTests
{
    [Fact]
    public void This_process_is_described()
    {
        LiveProcess self = LiveProcess.Find(Environment.ProcessId)!;

        Assert.Equal(Environment.ProcessPath, self.ExecutableName);
        Assert.Equal(Environment.GetCommandLineArgs().Length, self.CommandLine.Count(a => a.Length > 0));
        Assert.True(self.IsAlive);
        Assert.InRange(self.Uptime, TimeSpan.Zero, TimeSpan.FromHours(1));
        Assert.Contains(self.Threads(), t => t.Id == self.Id);
        Assert.Contains(self.Threads(), t => t.Name.StartsWith(".NET", StringComparison.Ordinal));
        Assert.Contains(LiveProcess.All(), p => p.Id == self.Id);
    }

    [Fact]
    public void A_child_names_its_parent_and_its_arguments()
    {
        using var child = new Child("/bin/sleep", "1000", "0");
        LiveProcess process = LiveProcess.Find(child.Id)!;

        Assert.Equal(Environment.ProcessId, process.ParentId);
        Assert.Equal(["1000", "0"], process.CommandLine.Skip(1));
        Assert.Equal("sleep", process.Name);
        child.Kill();
        Assert.False(process.IsAlive);
    }

    [Fact]
    public void A_short_name_may_hold_parentheses_and_spaces()
    {
        using var folder = new TemporaryFolder();
        using var child = new Child(folder.CopyOf("/bin/sleep", "a) S 1 (b"), "1000");
        LiveProcess process = LiveProcess.Find(child.Id)!;

        Assert.Equal("a) S 1 (b", process.Name);
        Assert.Equal(Environment.ProcessId, process.ParentId);
    }

    [Fact]
    public void The_processes_that_run_a_file_are_found_by_the_file_whatever_its_name()
    {
        using var folder = new TemporaryFolder();
        string program = folder.CopyOf("/bin/sleep", "sleeper");
        FileIdentity file = FileIdentity.Of(program)!.Value;
        using var one = new Child(program, "1000");
        using var two = new Child(program, "1000");
        File.Move(program, program + ".old");

        Assert.Equal([one.Id, two.Id], LiveProcess.Running(file).Select(p => p.Id));
        Assert.Equal([one.Id, two.Id], LiveProcess.Mapping(file).Select(p => p.Id));
    }

    [Fact]
    public void A_deleted_program_is_known_by_its_name_and_can_still_be_opened()
    {
        using var folder = new TemporaryFolder();
        string program = folder.CopyOf("/bin/sleep", "sleeper");
        byte[] content = File.ReadAllBytes(program);
        FileIdentity file = FileIdentity.Of(program)!.Value;
        using var child = new Child(program, "1000");
        LiveProcess process = LiveProcess.Find(child.Id)!;
        Assert.False(process.IsExecutableDeleted);
        File.Delete(program);

        Assert.True(process.IsExecutableDeleted);
        Assert.Equal(program, process.ExecutableName);
        Assert.Equal(file, process.Executable);
        Assert.Equal(content, File.ReadAllBytes(process.ExecutablePath));
        Assert.True(process.FirstMapping(file) is { IsDeleted: true });
    }

    [Fact]
    public void The_file_behind_a_mapping_can_be_opened()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "map_files takes root");
        using var child = new Child("/bin/sleep", "1000");
        LiveProcess process = LiveProcess.Find(child.Id)!;
        Mapping library = process.ReadMappings().First(m => m.Path.Contains("libc", StringComparison.Ordinal));

        Assert.Equal(FileIdentity.Of(library.Path), FileIdentity.Of(process.PathTo(library)));
    }

    [Fact]
    public void The_processes_that_map_a_library_are_found()
    {
        using var child = new Child("/bin/sleep", "1000");
        Mapping library = LiveProcess.Find(child.Id)!.ReadMappings().First(m => m.Path.Contains("libc", StringComparison.Ordinal));
        FileIdentity file = FileIdentity.Of(library.Path)!.Value;

        int[] users = [.. LiveProcess.Mapping(file).Select(p => p.Id)];

        Assert.Contains(child.Id, users);
        Assert.Contains(Environment.ProcessId, users);
        Assert.DoesNotContain(child.Id, LiveProcess.Running(file).Select(p => p.Id));
    }

    [Fact]
    public void A_program_that_only_another_mount_namespace_has_is_found_through_its_process()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a mount namespace takes root");
        using var folder = new TemporaryFolder();
        string mount = Directory.CreateDirectory(Path.Combine(folder.Path, "box")).FullName;
        using var child = new Child("/usr/bin/unshare", "--mount", "/bin/sh", "-c",
            $"mount -t tmpfs none {mount} && cp $(readlink -f /bin/sleep) {mount}/sleeper && echo ready && exec {mount}/sleeper 1000");
        Assert.SkipUnless(child.Output.ReadLine() == "ready", "no mount namespace can be made here");
        string program = mount + "/sleeper";
        SpinWait.SpinUntil(() => LiveProcess.Find(child.Id)!.Name == "sleeper", 5000);
        Assert.False(File.Exists(program));

        ExecutableFile file = Assert.Single(ExecutableSearch.Find(program));

        Assert.Equal(program, file.Path);
        Assert.Equal([child.Id], LiveProcess.Running(file.Identity).Select(p => p.Id));
        Assert.Equal(File.ReadAllBytes("/bin/sleep"), File.ReadAllBytes(file.OpenPath));
    }

    [Fact]
    public void A_process_that_is_not_there_is_not_found() => Assert.Null(LiveProcess.Find(int.MaxValue));
}
