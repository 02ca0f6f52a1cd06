namespace Virtap.Processes;

/// <summary>A thread of a process.</summary>
/// <param name="Id">Its thread id.</param>
/// <param name="Name">Its short name, such as <c>CPU 0/KVM</c> or <c>IO iothread0</c>; "" when it has ended.</param>
public readonly record struct ProcessThread(int Id, string Name);
