using System.Text;
using Virtap.Binaries.Marks.TraceEvents;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Tests.Marks.TraceEvents;

public class TraceEventTableTests
{
    private const string Declarations = """
        # A comment (with parentheses)
        plain(void) "nothing"

        virtio_notify(void *vdev, void *vq) "vdev %p vq %p"
        disable old(int x)
        vcpu guest_enter(const char *name,  unsigned int  count) "a \"%s\"\n" "b"
        tcg vcpu access(uint64_t addr, struct x **list) "info=%d", "info=%d addr=0x%016"PRIx64
        macros(int64_t a, uint16_t b, uint32_t c) "%" PRId64 " %"PRIu16" 0x%"PRIX32
        unknown(uint64_t a) "%" TARGET_FMT_lx
        mentions(int a) "virtio_old(%d) other("
        pre_virtio_notify(int n) "x"
        broken(int) "no name"
        unending(int a
        """;

    private static readonly TraceEventTable s_table = new TraceEventTable(Encoding.UTF8.GetBytes(Declarations), "test");

    [Fact]
    public void A_declaration_gives_the_arguments_names_and_types()
    {
        TraceEvent declaration = Find("virtio_notify");
        Assert.Equal(
            [new TraceEventArgument(CTypeName.Parse("void *"), "vdev"), new TraceEventArgument(CTypeName.Parse("void *"), "vq")],
            declaration.Arguments);
        Assert.Equal(["vdev %p vq %p"], declaration.Formats);
        Assert.Empty(declaration.Properties);
        Assert.Empty(Find("plain").Arguments);
        Assert.Equal(
            [new TraceEventArgument(CTypeName.Parse("uint64_t"), "addr"), new TraceEventArgument(CTypeName.Parse("struct x **"), "list")],
            Find("access").Arguments);
        Assert.Equal(
            [new TraceEventArgument(CTypeName.Parse("const char *"), "name"),
                new TraceEventArgument(CTypeName.Parse("unsigned int"), "count")], Find("guest_enter").Arguments);
    }

    [Fact]
    public void Words_before_the_name_and_several_formats_are_kept()
    {
        Assert.Equal(["disable"], Find("old").Properties);
        Assert.Empty(Find("old").Formats);
        Assert.Equal(["tcg", "vcpu"], Find("access").Properties);
        Assert.Equal(["info=%d", "info=%d addr=0x%016lx"], Find("access").Formats);
    }

    [Fact]
    public void Formats_are_joined_unescaped_and_their_macros_replaced()
    {
        Assert.Equal(["a \"%s\"\nb"], Find("guest_enter").Formats);
        Assert.Equal(["%ld %u 0x%X"], Find("macros").Formats);
        Assert.Empty(Find("unknown").Formats);
        Assert.Single(Find("unknown").Arguments);
    }

    [Theory]
    [InlineData("virtio")]
    [InlineData("notify")]
    [InlineData("virtio_old")]
    [InlineData("other")]
    [InlineData("parentheses")]
    [InlineData("broken")]
    [InlineData("unending")]
    [InlineData("")]
    public void What_is_not_declared_is_not_found(string name)
    {
        TraceEventTable table = new TraceEventTable(Encoding.UTF8.GetBytes(Declarations), "test");
        for (int round = 0; round < 40; round++)
            Assert.False(table.TryFind(name, out _));
    }

    [Fact]
    public void All_gives_what_lookups_find_before_and_after_the_index_is_built()
    {
        Assert.Equal(9, s_table.All.Count());
        for (int round = 0; round < 40; round++)
        {
            foreach (TraceEvent declaration in s_table.All)
                Assert.Equal(declaration.Arguments, Find(declaration.Name).Arguments);
        }
    }

    [Fact]
    public void The_installed_file_is_read_whole()
    {
        TraceEventTable? table = TraceEventTable.TryOpenOfHost();
        Assert.SkipWhen(table is null, "trace-events-all is not installed");
        List<TraceEvent> all = [.. table.All];
        int lines = File.ReadLines(table.Source).Count(line => line.Length > 0 && !line.StartsWith('#'));
        Assert.Equal(lines, all.Count);
        Assert.True(all.Count > 1000);
        Assert.All(all, declaration => Assert.True(table.TryFind(declaration.Name, out _)));
        Assert.All(all, declaration => Assert.DoesNotContain(declaration.Arguments, argument => argument.Type.ToString().Length == 0));
    }

    [Fact]
    public void The_built_in_declarations_are_those_of_the_installed_file()
    {
        TraceEventTable? table = TraceEventTable.TryOpenOfHost();
        Assert.SkipWhen(table is null, "trace-events-all is not installed");
        Assert.True(TraceEventTable.BuiltIn.All.Count() > 50);
        foreach (TraceEvent declaration in TraceEventTable.BuiltIn.All)
        {
            if (table.TryFind(declaration.Name, out TraceEvent? installed) && installed.Arguments.Count == declaration.Arguments.Count)
                Assert.Equal(
                    installed.Arguments.Select(argument => argument.Name), declaration.Arguments.Select(argument => argument.Name));
        }

        Assert.Equal(
            ["vdev", "req", "status"], TraceEventTable.BuiltIn.TryFind("virtio_blk_req_complete", out TraceEvent? complete)
            ? complete.Arguments.Select(a => a.Name) : []);
    }

    [Fact]
    public void A_file_that_is_not_there_gives_no_table()
    {
        Assert.Null(TraceEventTable.TryOpen("/nonexistent/trace-events-all"));
        Assert.Null(TraceEventTable.TryOpenOfHost("/nonexistent"));
    }

    private static TraceEvent Find(string name)
    {
        Assert.True(s_table.TryFind(name, out TraceEvent? declaration), name);
        return declaration;
    }
}
