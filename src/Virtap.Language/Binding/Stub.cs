namespace Virtap.Language.Binding;
#pragma warning disable CS1591
public enum ScriptType { Unknown, Long, String, Statistics }
public abstract class ProbeTarget { }
