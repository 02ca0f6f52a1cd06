using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Cli.Run;

namespace Virtap.Cli.Tests.Run;

public class VerifierLogTests
{
    [Fact]
    public void What_the_verifier_said_is_in_the_file_that_the_message_names()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading programs takes root");
        var code = new BpfAssembler("wild", BpfProgramKind.Uprobe);
        code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R2, 0);
        code.Exit();
        var refusal = Assert.Throws<BpfException>(() => BpfProgram.Load(code.Build(), []));

        string message = VerifierLog.Keep(refusal);

        string path = message[message.IndexOf(Path.GetTempPath(), StringComparison.Ordinal)..];
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            Assert.Equal(refusal.VerifierLog, File.ReadAllText(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(folder).UnixFileMode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
