namespace Virtap.Language.Binding;

/// <summary>One place, or one event, that a probe point stands for; who resolves probe points derives from it.</summary>
public abstract class ProbeTarget;
