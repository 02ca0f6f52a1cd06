using System.Diagnostics;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Files;

namespace Virtap.Tracing.Tests.Session;

/// <summary>procfs("PATH"): files of a session, read and written by other processes while it runs.</summary>
public sealed class FileTests
{
    private static string Folder => $"{ServedFolder.Parent}/{Environment.ProcessId}";

    [Fact]
    public void A_files_readers_and_writers_have_the_handlers_run()
    {
        Require();
        string seen = "";
        string output = ScriptText.Run(
            """
            global text = "nothing", reads
            probe procfs("notes/last").read { $value = sprintf("%s, read %d times by %s\n", text, ++reads, execname()) }
            probe procfs("notes/last").write { text = substr($value, 0, strlen($value) - 1); printf("written: %s", $value) }
            probe procfs.read.maxsize(20) { $value = "one "; $value .= "two\n" }
            """,
            () => seen = Shell($"cat notes/last; echo hello > notes/last; cat notes/last; cat command")).Output;
        Assert.Equal("nothing, read 1 times by cat\nhello, read 2 times by cat\none two\n", seen);
        Assert.Equal("written: hello\n", output);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public void A_file_gives_what_its_probes_and_the_umask_say()
    {
        Require();
        string seen = "";
        ScriptText.Run(
            """
            probe procfs("r").read { $value = "x" }
            probe procfs("w").write { println($value) }
            probe procfs("both").read { $value = "x" }
            probe procfs("both").write { println($value) }
            probe procfs("others").umask(040).read { $value = "x" }
            """,
            () => seen = Shell("stat -c '%n %a' *"));
        Assert.Equal("both 600\nothers 404\nr 400\nw 200\n", seen);
    }

    [Fact]
    public void Metrics_are_two_files_of_JSON()
    {
        Require();
        string seen = "";
        ScriptText.Run(
            """
            probe begin {
                json_set_prefix("disk")
                json_add_numeric_metric("n", "how many", "count")
                json_add_array("a", "")
                json_add_array_string_metric("a", "s", "")
            }
            probe json_data {
                @json_output_data_start
                @json_output_numeric_value("n", 3)
                @json_output_array_string_value("a", "first", "s", "x")
                @json_output_array_string_value("a", "second", "s", "y")
                @json_output_string_value("t", "z")
                @json_output_data_end
            }
            """,
            () => seen = Shell("tr -d ' \\n' < data.json; echo; tr -d ' \\n' < metadata.json; echo"));
        Assert.Equal(
            [
                """{"n":3,"a":[{"__id":"first","s":"x"},{"__id":"second","s":"y"}],"t":"z"}""",
                """{"prefix":"disk","metrics":[{"name":"n","pointer":"/n","type":"integer","description":"howmany","units":"count"},"""
                + """{"name":"a","pointer":"/a","type":"array","index":"/__id","metrics":"""
                + """[{"name":"s","pointer":"/s","type":"string"}]}]}""",
            ],
            seen.TrimEnd().Split('\n'));
    }

    [Fact]
    public void An_error_in_a_handler_ends_the_session_and_the_reader_is_told_what_there_was()
    {
        Require();
        ScriptText.Outcome outcome = ScriptText.Run(
            """
            probe procfs.read { $value = "before"; error("wrong") }
            """,
            () => Shell("cat command"));
        Assert.Equal("ERROR: wrong\nWARNING: Number of errors: 1, skipped probes: 0\n", outcome.Errors);
        Assert.False(Directory.Exists(Folder));
    }

    private static void Require()
    {
        RealKernel.Require();
        if (!File.Exists("/dev/fuse"))
            Assert.Skip("there is no /dev/fuse");
    }

    private static string Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
        })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output;
    }
}
