package dev.holdfast.it.relay;

import static dev.holdfast.it.support.WireClient.int16;
import static dev.holdfast.it.support.WireClient.int32;

import dev.holdfast.it.support.WireClient;
import java.util.List;
import java.util.Map;

/** Clients that do not keep to the protocol. */
final class BrokenConversations {
    private BrokenConversations() {}

    private static WireClient header(WireClient client, char type, int length) {
        return client.raw(new byte[] {(byte) type}).raw(int32(length));
    }

    static List<Conversation> all() {
        return List.of(
                Conversation.of("an unknown message type", (client, place) ->
                        client.query("select 1").message('y', int32(1)).query("select 2").leave()),
                Conversation.of("a zero for a message type", (client, place) -> client.raw(new byte[64]).leave()),
                Conversation.of("a password when nobody asked", (client, place) ->
                        client.message('p', WireClient.zeroEnded("s3cret")).leave()),
                Conversation.of("a message that is shorter than its length field", (client, place) ->
                        header(client.query("select 1"), 'Q', 3).query("select 2").leave()),
                Conversation.of("a negative length", (client, place) -> header(client, 'Q', -1).leave()),
                Conversation.of("the most negative length", (client, place) ->
                        header(client, 'P', Integer.MIN_VALUE).raw(new byte[100]).leave()),
                Conversation.of("a length beyond everything", (client, place) ->
                        header(client, 'Q', Integer.MAX_VALUE).leave()),
                Conversation.of("a Sync that is too long", (client, place) -> header(client, 'S', 200_000).leave()),
                Conversation.of("a message cut off", (client, place) ->
                        header(client.query("select 1"), 'Q', 100).raw("select 2".getBytes()).flush().shutdownOutput().untilClosed()),
                Conversation.of("a header cut off", (client, place) ->
                        client.query("select 1").raw(new byte[] {'Q', 0, 0}).flush().shutdownOutput().untilClosed()),
                Conversation.of("a query without its end", (client, place) -> {
                    client.message('Q', "select 1".getBytes()).flush().untilReady();
                    client.message('Q').flush().untilReady();
                    client.simple("select 2");
                }),
                Conversation.of("a query with something behind its end", (client, place) -> {
                    client.message('Q', "select 1\0select 2\0".getBytes()).flush().untilReady();
                    client.simple("select 2");
                }),
                Conversation.of("messages with too little in them", (client, place) -> {
                    for (char type : new char[] {'P', 'B', 'D', 'E', 'C'}) {
                        client.message(type).sync().flush().untilReady();
                        client.message(type, new byte[] {'x'}).sync().flush().untilReady();
                    }
                    client.message('P', "s\0select 1\0".getBytes(), int16(3), int32(23)).sync().flush().untilReady();
                    client.message('B', "\0s\0".getBytes(), int16(1)).sync().flush().untilReady();
                    client.message('E', "\0".getBytes(), int16(1)).sync().flush().untilReady();
                }),
                Conversation.of("messages with too much in them", (client, place) -> {
                    client.message('P', "\0select 1\0".getBytes(), int16(0), int32(1)).sync().flush().untilReady();
                    client.message('S', int32(1)).flush().untilReady();
                    client.message('E', "\0".getBytes(), int32(0), int32(1)).sync().flush().untilReady();
                }),
                Conversation.of("a function call with nothing in it", (client, place) -> {
                    client.message('F').flush().untilReady();
                    client.simple("select 1");
                }),
                Conversation.of("bytes that are no text", (client, place) -> {
                    client.message('Q', new byte[] {'s', 'e', 'l', 'e', 'c', 't', ' ', (byte) 0xff, (byte) 0xfe, 0}).flush().untilReady();
                    client.message('P', new byte[] {(byte) 0xc3, 0, 's', 'e', 'l', 'e', 'c', 't', ' ', '1', 0, 0, 0}).sync().flush();
                    client.untilReady();
                    client.message('B', new byte[] {0, (byte) 0xc3, 0, 0, 0, 0, 0, 0, 0}).sync().flush().untilReady();
                }),
                Conversation.of("a cancel request inside a session", (client, place) ->
                        client.raw(int32(16, 80877102, 1, 1)).leave()),
                Conversation.of("a startup packet inside a session", (client, place) ->
                        client.startup(Conversation.with(Map.of())).leave()),
                Conversation.of("a goodbye, and more", (client, place) ->
                        client.query("select 1").message('X').query("select 2").leave()));
    }
}
