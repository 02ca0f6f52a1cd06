using System.Text.Json.Nodes;

namespace Virtap.Cli.Tests.LanguageServer;

public class ScriptServerTests
{
    private const string Uri = "file:///tmp/one.stp";

    [Fact]
    public async Task It_says_what_it_can_do_and_ends_as_the_protocol_has_it()
    {
        using var editor = new EditorClient();
        JsonNode capabilities = editor.Ask("initialize", new JsonObject { ["processId"] = null })["result"]!["capabilities"]!;
        Assert.Equal(2, capabilities["textDocumentSync"]!["change"]!.GetValue<int>());
        Assert.True(capabilities["hoverProvider"]!.GetValue<bool>());
        Assert.Equal(-32601, editor.Ask("textDocument/rename")["error"]!["code"]!.GetValue<int>());
        Assert.True(await editor.ExitAsync());
    }

    [Fact]
    public void What_is_wrong_is_told_with_its_place_and_no_more_when_it_is_mended()
    {
        using var editor = new EditorClient();
        Open(editor, "global n\nprobe begin { n = nosuch(1) }\nprobe end { println(n) }\n");
        JsonNode message = Assert.Single(Messages(editor, version: 1))!;
        Assert.StartsWith("unresolved function nosuch", message["message"]!.GetValue<string>());
        Assert.Equal("1:18-1:24", RangeOf(message));

        // From "nosuch(1)" to "strlen(\"é\")", in two changes, the second counted after the first.
        Change(editor, 2, (1, 18, 1, 24, "strlen"), (1, 25, 1, 26, "\"é\""));
        Assert.Empty(Messages(editor, version: 2));

        Change(editor, 3, (2, 0, 2, 0, "probe {\n"));
        Assert.Contains(Messages(editor, version: 3), each => each!["severity"]!.GetValue<int>() == 1 && RangeOf(each).StartsWith("3:6"));
    }

    [Fact]
    public void A_word_is_explained_and_found()
    {
        using var editor = new EditorClient();
        Open(editor, """
            global count[10]
            function twice(x) { return x * 2 }
            probe begin {
                half = strlen("ab")
                count[tid()] = twice(half)
            }
            probe end { foreach (t in count) println(t, count[t]) }
            """);
        Assert.Empty(Messages(editor, version: 1));
        Assert.Equal("function strlen:long (s:string)", Hover(editor, 3, 14));
        Assert.Equal("function twice (x)", Hover(editor, 4, 21));
        Assert.Equal("global count[]:long", Hover(editor, 4, 4));
        Assert.Equal("local half:long", Hover(editor, 4, 27));
        Assert.Null(Hover(editor, 2, 12));

        Assert.Equal("1:9-1:14", Definition(editor, 4, 21));
        Assert.Equal("0:7-0:12", Definition(editor, 6, 46));
        Assert.Equal("3:4-3:8", Definition(editor, 4, 27));
        Assert.Null(Definition(editor, 3, 12));
    }

    [Theory]
    [InlineData("probe begin { tot = 1; to| }", "tot", "tokenize", "total")]
    [InlineData("probe begin { x = @hist_l| }", "@hist_log", "@hist_linear")]
    [InlineData("probe timer.m| { }", "ms", "msec")]
    [InlineData("probe mine| { }", "mine")]
    [InlineData("probe process(\"/bin/sh\").en|", "end")]
    [InlineData("probe nd_syscall.openat { $| }")]
    public void What_can_stand_there_is_offered(string typed, params string[] expected)
    {
        using var editor = new EditorClient();
        string text = "global total\nprobe mine.tick = timer.s(1) { }\n" + typed;
        Open(editor, text.Replace("|", "", StringComparison.Ordinal));
        JsonNode place = Place(2, typed.IndexOf('|', StringComparison.Ordinal));
        JsonArray items = editor.Ask("textDocument/completion", place)["result"]!["items"]!.AsArray();
        string[] labels = [.. items.Select(item => item!["label"]!.GetValue<string>())];
        Assert.All(expected, each => Assert.Contains(each, labels));
        string begun = new([.. typed[..typed.IndexOf('|', StringComparison.Ordinal)].Reverse()
            .TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '@' or '$').Reverse()]);
        Assert.All(labels, each => Assert.StartsWith(begun, each));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"method\":7}")]
    public void What_is_no_message_does_not_bring_it_down_in_silence(string content)
    {
        using var editor = new EditorClient();
        editor.SendRaw(content);
        try
        {
            Assert.NotNull(editor.Ask("initialize")["result"]);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            Assert.Equal("{", content);
        }
    }

    private static void Open(EditorClient editor, string text)
    {
        editor.Ask("initialize", new JsonObject());
        editor.Tell("initialized", new JsonObject());
        editor.Tell("textDocument/didOpen", new JsonObject
        {
            ["textDocument"] = new JsonObject { ["uri"] = Uri, ["languageId"] = "systemtap", ["version"] = 1, ["text"] = text },
        });
    }

    private static void Change(EditorClient editor, int version, params (int Line, int From, int EndLine, int To, string Text)[] changes) =>
        editor.Tell("textDocument/didChange", new JsonObject
        {
            ["textDocument"] = new JsonObject { ["uri"] = Uri, ["version"] = version },
            ["contentChanges"] = new JsonArray([.. changes.Select(each => new JsonObject
            {
                ["range"] = new JsonObject
                {
                    ["start"] = new JsonObject { ["line"] = each.Line, ["character"] = each.From },
                    ["end"] = new JsonObject { ["line"] = each.EndLine, ["character"] = each.To },
                },
                ["text"] = each.Text,
            })]),
        });

    private static JsonArray Messages(EditorClient editor, int version)
    {
        JsonNode told = editor.NextNotification();
        Assert.Equal("textDocument/publishDiagnostics", told["method"]!.GetValue<string>());
        Assert.Equal(version, told["params"]!["version"]!.GetValue<int>());
        return told["params"]!["diagnostics"]!.AsArray();
    }

    private static JsonObject Place(int line, int character) => new()
    {
        ["textDocument"] = new JsonObject { ["uri"] = Uri },
        ["position"] = new JsonObject { ["line"] = line, ["character"] = character },
    };

    private static string? Hover(EditorClient editor, int line, int character) =>
        editor.Ask("textDocument/hover", Place(line, character))["result"]?["contents"]!["value"]!.GetValue<string>().Split('\n')[1];

    private static string? Definition(EditorClient editor, int line, int character) =>
        editor.Ask("textDocument/definition", Place(line, character))["result"] is { } location ? RangeOf(location) : null;

    private static string RangeOf(JsonNode? node)
    {
        JsonNode range = node!["range"]!;
        return $"{range["start"]!["line"]}:{range["start"]!["character"]}-{range["end"]!["line"]}:{range["end"]!["character"]}";
    }
}
