using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary><c>virtap debug --dap</c>: what an editor asks for.</summary>
public sealed partial class DebugTests
{
    [Fact]
    public async Task An_editor_starts_a_program_and_steps_through_it()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        string program = await CompileAsync("gcc", "-O0 -g", "notes-queue.c");
        string source = Path.Combine(AppContext.BaseDirectory, "Targets", "notes-queue.c");
        string[] lines = await File.ReadAllLinesAsync(source, TestContext.Current.CancellationToken);
        int counting = Array.FindIndex(lines, static line => line.Contains("notified++", StringComparison.Ordinal)) + 1;
        using var client = new AdapterClient();
        JsonNode able = client.Ask("initialize", new JsonObject { ["adapterID"] = "virtap" })!;
        Assert.True(able["supportsConfigurationDoneRequest"]!.GetValue<bool>());
        Assert.Equal("goto is not offered", client.Refused("goto"));
        string early = client.Refused("stackTrace", new JsonObject { ["threadId"] = 1 });
        Assert.Contains("nothing is debugged yet", early, StringComparison.Ordinal);
        client.Ask("launch", new JsonObject { ["program"] = program, ["args"] = new JsonArray("end") });
        client.Event("initialized");
        JsonArray made = client.Ask("setFunctionBreakpoints", new JsonObject
        {
            ["breakpoints"] = new JsonArray(new JsonObject { ["name"] = "virtio_notify_irqfd" }, new JsonObject { ["name"] = "no_such" }),
        })!["breakpoints"]!.AsArray();
        Assert.Equal([true, false], made.Select(static each => each!["verified"]!.GetValue<bool>()));
        Assert.Contains("Function \"no_such\" not defined.", made[1]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        JsonNode atLine = client.Ask("setBreakpoints", new JsonObject
        {
            ["source"] = new JsonObject { ["path"] = source },
            ["breakpoints"] = new JsonArray(new JsonObject { ["line"] = counting, ["condition"] = "vq->inuse == 0" }),
        })!["breakpoints"]![0]!;
        Assert.Equal((true, counting), (atLine["verified"]!.GetValue<bool>(), atLine["line"]!.GetValue<int>()));
        client.Ask("configurationDone");

        JsonNode stopped = client.Event("stopped");
        Assert.Equal("function breakpoint", stopped["reason"]!.GetValue<string>());
        int thread = stopped["threadId"]!.GetValue<int>();
        JsonNode frame = Top(client, thread);
        Assert.Equal(("virtio_notify_irqfd", source), (frame["name"]!.GetValue<string>(), frame["source"]!["path"]!.GetValue<string>()));
        AssertVariables(client, frame["id"]!.GetValue<int>());

        client.Ask("continue", new JsonObject { ["threadId"] = thread });
        Assert.Equal("breakpoint", client.Event("stopped")["reason"]!.GetValue<string>());
        Assert.Equal(counting, Top(client, thread)["line"]!.GetValue<int>());
        string gone = client.Refused("variables", new JsonObject { ["variablesReference"] = 1 });
        Assert.Contains("the process has run since", gone, StringComparison.Ordinal);
        (string, int)[] steps = [("next", counting + 1), ("stepOut", Line("return depth(2)")), ("stepIn", Line("if (n == 0)"))];
        foreach ((string step, int line) in steps)
        {
            client.Ask(step, new JsonObject { ["threadId"] = thread });
            Assert.Equal("step", client.Event("stopped")["reason"]!.GetValue<string>());
            // Behind the call that it has returned from, gdb stands in the midst of the calling line.
            Assert.InRange(Top(client, thread)["line"]!.GetValue<int>(), line - 1, line);
        }

        client.Ask("setFunctionBreakpoints", new JsonObject { ["breakpoints"] = new JsonArray() });
        client.Ask("continue", new JsonObject { ["threadId"] = thread });
        Assert.Equal(7, client.Event("exited")["exitCode"]!.GetValue<int>());
        client.Event("terminated");
        client.Ask("disconnect");
        await client.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, client.Process.ExitCode);

        int Line(string text) => Array.FindIndex(lines, line => line.Contains(text, StringComparison.Ordinal)) + 1;
    }

    [Fact]
    public async Task An_editor_attaches_pauses_and_lets_go()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "");
        using (var client = new AdapterClient())
        {
            client.Ask("initialize");
            client.Ask("attach", new JsonObject { ["pid"] = target.Id });
            client.Event("initialized");
            client.Ask("configurationDone");
            Assert.Equal("notStopped", client.Refused("stackTrace", new JsonObject { ["threadId"] = target.Id }));
            Assert.Equal(2, client.Ask("threads")!["threads"]!.AsArray().Count);
            client.Ask("pause", new JsonObject { ["threadId"] = target.Id });
            Assert.Equal("pause", client.Event("stopped")["reason"]!.GetValue<string>());
            client.Ask("continue", new JsonObject { ["threadId"] = target.Id });

            // While it runs: it goes on without a word, and then stops there.
            client.Ask("setFunctionBreakpoints", new JsonObject
            {
                ["breakpoints"] = new JsonArray(new JsonObject { ["name"] = "virtio_notify_irqfd", ["hitCondition"] = "3" }),
            });
            JsonNode stopped = client.Event("stopped");
            Assert.Equal("function breakpoint", stopped["reason"]!.GetValue<string>());
            Assert.NotEqual(target.Id, stopped["threadId"]!.GetValue<int>());
            client.Ask("disconnect");
        }

        await AssertRunsUntouchedAsync(target);
    }

    // What it does not read fills the pipe, and the answer that has no room would keep the process where it stands.
    [Fact]
    public async Task An_editor_that_does_not_read_any_more_and_goes_away_leaves_the_process_untouched()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "");
        using Process debugger = Command.Start(VirtapProcess.Binary, ["debug", "--dap"]);
        // It stands, as nothing was configured; and there are more answers than a pipe holds, and fewer than wait to be asked for.
        debugger.StandardInput.BaseStream.Write(Framed("attach", new JsonObject { ["processId"] = Id(target) }));
        for (int i = 0; i < 1100; i++)
            debugger.StandardInput.BaseStream.Write(Framed("threads", []));
        debugger.StandardInput.Close();
        Assert.True(debugger.WaitForExit(TimeSpan.FromMinutes(1)), "it waits for a reader for ever");

        await AssertRunsUntouchedAsync(target);
    }

    private static byte[] Framed(string command, JsonObject arguments)
    {
        string text = new JsonObject { ["seq"] = 1, ["type"] = "request", ["command"] = command, ["arguments"] = arguments }.ToJsonString();
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {text.Length}\r\n\r\n{text}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Length: 99999999999\r\n\r\n")]
    [InlineData("Content-Length: 4\r\n\r\n{{{{")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    public async Task An_editor_that_goes_away_or_speaks_otherwise_leaves_the_process_untouched(string said)
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcc");
        using Process target = await StartAsync("-O0 -g", "");
        using (var client = new AdapterClient())
        {
            client.Ask("attach", new JsonObject { ["processId"] = Id(target) });
            client.Ask("setFunctionBreakpoints", new JsonObject
            {
                ["breakpoints"] = new JsonArray(new JsonObject { ["name"] = "virtio_notify_irqfd", ["condition"] = "vq->inuse == 1" }),
            });
            client.Ask("configurationDone");
            client.SendRaw(said);
        }

        await AssertRunsUntouchedAsync(target);
    }

    private static JsonNode Top(AdapterClient client, int thread) =>
        client.Ask("stackTrace", new JsonObject { ["threadId"] = thread, ["startFrame"] = 0, ["levels"] = 1 })!["stackFrames"]![0]!;

    private static void AssertVariables(AdapterClient client, int frame)
    {
        JsonArray scopes = client.Ask("scopes", new JsonObject { ["frameId"] = frame })!["scopes"]!.AsArray();
        Assert.Equal(["Arguments", "Locals", "Registers"], scopes.Select(static each => each!["name"]!.GetValue<string>()));
        JsonNode queue = Inside(client, scopes[0]!).Single(static each => each!["name"]!.GetValue<string>() == "vq")!;
        Assert.Equal("VirtQueue *", queue["type"]!.GetValue<string>());
        JsonNode ring = Inside(client, queue)[0]!;
        Assert.Equal(("vring", "{...}", "VRing"), (Text(ring, "name"), Text(ring, "value"), Text(ring, "type")));
        Assert.Equal(("num", "128"), (Text(Inside(client, ring)[0]!, "name"), Text(Inside(client, ring)[0]!, "value")));
        string way = Text(Inside(client, ring)[0]!, "evaluateName");
        Assert.Equal("128", Text(Evaluate(way)!, "result"));
        string whole = Text(Evaluate("vq->vring")!, "result");
        Assert.StartsWith("{num = 128, num_default = 128, align = 4096, ", whole, StringComparison.Ordinal);
        Assert.Contains(Inside(client, scopes[2]!), static each => Text(each!, "name") == "rip");
        string refused = client.Refused("evaluate", new JsonObject { ["expression"] = "vq->nothing", ["frameId"] = frame });
        Assert.Equal("There is no member named nothing.", refused.Split('\n')[0]);

        JsonNode? Evaluate(string expression) =>
            client.Ask("evaluate", new JsonObject { ["expression"] = expression, ["frameId"] = frame, ["context"] = "repl" });
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static JsonArray Inside(AdapterClient client, JsonNode whole) => client.Ask(
        "variables", new JsonObject { ["variablesReference"] = whole["variablesReference"]!.GetValue<int>() })!["variables"]!.AsArray();
}
