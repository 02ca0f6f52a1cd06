using System.Text.Json;
using System.Text.Json.Serialization;

namespace Virtap.Cli.LanguageServer;

// What the language server protocol (version 3.17) sends, as far as this server speaks it; names are the protocol's.

/// <summary>A place: lines and UTF-16 units of a line, both from 0.</summary>
internal readonly record struct Position(int Line, int Character);

/// <summary>From a place up to another.</summary>
internal readonly record struct TextRange(Position Start, Position End);

/// <summary>A stretch of a document.</summary>
internal sealed record Location(string Uri, TextRange Range);

/// <summary>A document as it is opened, or (without its text) named.</summary>
internal sealed record TextDocument(string Uri, int? Version = null, string? Text = null);

/// <summary>didOpen, didSave and didClose.</summary>
internal sealed record DocumentParameters(TextDocument TextDocument);

/// <summary>A change: of a range, or of the whole text.</summary>
internal sealed record TextChange(string Text, TextRange? Range = null);

/// <summary>didChange.</summary>
internal sealed record ChangeParameters(TextDocument TextDocument, IReadOnlyList<TextChange> ContentChanges);

/// <summary>completion, hover and definition.</summary>
internal sealed record PlaceParameters(TextDocument TextDocument, Position Position);

/// <summary>A message about a range; severity 1 is an error, 2 a warning.</summary>
internal sealed record ScriptMessage(TextRange Range, int Severity, string Source, string Message);

/// <summary>All messages about a document.</summary>
internal sealed record PublishedMessages(string Uri, int? Version, IReadOnlyList<ScriptMessage> Diagnostics);

/// <summary>What can stand at a place; kinds are the protocol's numbers.</summary>
internal sealed record CompletionItem(string Label, int Kind, string? Detail = null, TextEdit? TextEdit = null);

/// <summary>What a completion puts in place of what is typed.</summary>
internal sealed record TextEdit(TextRange Range, string NewText);

/// <summary>Completions, all that there are.</summary>
internal sealed record CompletionList(bool IsIncomplete, IReadOnlyList<CompletionItem> Items);

/// <summary>Words of markdown or plain text.</summary>
internal sealed record MarkupContent(string Kind, string Value);

/// <summary>What is told of the word under the mouse.</summary>
internal sealed record Hover(MarkupContent Contents, TextRange Range);

/// <summary>What this server can do.</summary>
internal sealed record InitializeResult(ServerCapabilities Capabilities, ServerInfo ServerInfo);

internal sealed record ServerInfo(string Name, string Version);

internal sealed record ServerCapabilities(
    SyncOptions TextDocumentSync, CompletionOptions CompletionProvider, bool HoverProvider, bool DefinitionProvider);

/// <summary><paramref name="Change"/> 2: only what changes is sent.</summary>
internal sealed record SyncOptions(bool OpenClose, int Change, bool Save);

internal sealed record CompletionOptions(IReadOnlyList<string> TriggerCharacters);

/// <summary>A request that failed; codes are JSON-RPC's.</summary>
internal sealed record ResponseError(int Code, string Message);

/// <summary>Serializers of the messages, made when this is compiled.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DocumentParameters))]
[JsonSerializable(typeof(ChangeParameters))]
[JsonSerializable(typeof(PlaceParameters))]
[JsonSerializable(typeof(PublishedMessages))]
[JsonSerializable(typeof(CompletionList))]
[JsonSerializable(typeof(Hover))]
[JsonSerializable(typeof(Location))]
[JsonSerializable(typeof(InitializeResult))]
[JsonSerializable(typeof(ResponseError))]
internal sealed partial class Messages : JsonSerializerContext;
