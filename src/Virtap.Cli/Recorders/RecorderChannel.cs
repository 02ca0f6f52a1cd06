using System.Buffers.Binary;
using System.Net.Sockets;
using Virtap.Interop;

namespace Virtap.Cli.Recorders;

/// <summary>What a recorder says to those that come to it: a byte, the length of what follows in four, and that.</summary>
internal enum RecorderNews : byte
{
    /// <summary>Text of the script's.</summary>
    Output = 1,

    /// <summary>Text for standard error.</summary>
    Error,

    /// <summary>How many bytes of text are lost here, in eight.</summary>
    Lost,

    /// <summary>All has been said: the exit status, in a byte. The recorder is no more.</summary>
    Ended,

    /// <summary>Somebody else is fetching.</summary>
    Busy,
}

/// <summary>What those that come to a recorder want of it, a byte.</summary>
internal enum RecorderWish : byte
{
    /// <summary>What it has recorded, and what it goes on to record.</summary>
    Fetch = 1,

    /// <summary>That the session ends, as by Ctrl-C; what it has still to say is fetched.</summary>
    End,

    /// <summary>No wish: the last text has arrived and is written. Until then it is kept.</summary>
    Taken,

    /// <summary>That it ends, and all that nobody has fetched goes with it.</summary>
    Delete,
}

/// <summary>
/// The way to a recorder: a socket that has a name and no file, so that nothing is left of one that was killed. Root and the recorder's own
/// user are let in.
/// </summary>
internal static class RecorderChannel
{
    private const int HeaderBytes = 5, MostBytes = 1 << 20;

    // In /proc/net/unix the byte 0 that an abstract name begins with is an @.
    private const string Prefix = "virtap/recorder/";

    // asm-generic/socket.h
    private const int SocketLevel = 1, PeerCredentials = 17;

    /// <summary>Takes a name; null where a recorder has it.</summary>
    public static Socket? Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint('\0' + Prefix + name));
            socket.Listen();
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The way to a recorder; null where there is none of that name that one may come to.</summary>
    public static Socket? Connect(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint('\0' + Prefix + name));
            if (MayTalk(socket))
                return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // There is none, or its name would be longer than names are.
        }

        socket.Dispose();
        return null;
    }

    /// <summary>The names of the recorders that there are, in order.</summary>
    public static IReadOnlyList<string> Names()
    {
        const string path = "/proc/net/unix";
        if (!File.Exists(path))
            return [];
        return [.. File.ReadLines(path).Select(static line => line.Split(" @" + Prefix, 2)).Where(static parts => parts.Length == 2)
            .Select(static parts => parts[1]).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether the other side is root's or this user's.</summary>
    public static bool MayTalk(Socket socket)
    {
        // struct ucred: process, user, group.
        byte[] credentials = new byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        uint user = BinaryPrimitives.ReadUInt32LittleEndian(credentials.AsSpan(4));
        return user == 0 || user == Libc.UserId();
    }

    /// <summary>Says something.</summary>
    /// <exception cref="IOException">Nobody is there any more.</exception>
    public static void Send(Stream stream, RecorderNews kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        header[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], bytes.Length);
        stream.Write(header);
        stream.Write(bytes);
    }

    /// <summary>Hears something; null at the end.</summary>
    /// <exception cref="IOException">The other side is no recorder, or has gone in the middle of a sentence.</exception>
    public static (RecorderNews Kind, byte[] Bytes)? Receive(Stream stream)
    {
        byte[] header = new byte[HeaderBytes];
        int first = stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (first == 0)
            return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
        if (first < HeaderBytes || length is < 0 or > MostBytes || !Enum.IsDefined((RecorderNews)header[0]))
            throw new IOException("the recorder says what is no news");
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return ((RecorderNews)header[0], bytes);
    }
}
