package dev.holdfast.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** F passes, D is dropped, T is taken, W is wanted whole and then passes, H stops until resumed. */
class FrameWalkTest {
    private static final class Recorder extends FrameWalk {
        private final ByteArrayOutputStream forwarded = new ByteArrayOutputStream();
        private final List<String> taken = new ArrayList<>();
        private final List<ByteBuf> given = new ArrayList<>();
        private boolean holding = true;

        @Override
        Verdict classify(byte type, int length, ByteBuf buffer, int from, int here) {
            return switch (type) {
                case 'D' -> Verdict.DROP;
                case 'T' -> here < length ? Verdict.WAIT : Verdict.TAKE;
                case 'W' -> here < length ? Verdict.WAIT : Verdict.FORWARD;
                case 'H' -> holding ? Verdict.HOLD : Verdict.FORWARD;
                default -> Verdict.FORWARD;
            };
        }

        @Override
        void take(byte type, int length, ByteBuf buffer, int from) {
            taken.add(forwarded.size() + ":" + buffer.toString(from + HEADER, length - HEADER, StandardCharsets.US_ASCII));
        }

        @Override
        void forward(ByteBuf bytes) {
            given.add(bytes);
            var copy = new byte[bytes.readableBytes()];
            bytes.getBytes(bytes.readerIndex(), copy);
            forwarded.writeBytes(copy);
            bytes.release();
        }

        @Override
        ByteBufAllocator allocator() {
            return UnpooledByteBufAllocator.DEFAULT;
        }
    }

    private static byte[] message(char type, String body) {
        var out = Unpooled.buffer();
        out.writeByte(type).writeInt(body.length() + 4).writeBytes(body.getBytes(StandardCharsets.US_ASCII));
        var bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    @RepeatedTest(200)
    void anySplitGivesTheSame(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        var stream = new ByteArrayOutputStream();
        var expected = new ByteArrayOutputStream();
        var expectedTaken = new ArrayList<String>();
        for (int i = 0; i < 50; i++) {
            char type = "FFFFDTW".charAt(random.nextInt(7));
            var body = "x".repeat(random.nextInt(4) == 0 ? random.nextInt(500) : random.nextInt(12));
            stream.writeBytes(message(type, body));
            if (type == 'T') {
                expectedTaken.add(expected.size() + ":" + body);
            } else if (type != 'D') {
                expected.writeBytes(message(type, body));
            }
        }
        var walk = new Recorder();
        var bytes = stream.toByteArray();
        var buffers = new ArrayList<ByteBuf>();
        for (int at = 0; at < bytes.length; ) {
            int count = Math.min(bytes.length - at, random.nextBoolean() ? 1 : 1 + random.nextInt(300));
            var buffer = Unpooled.copiedBuffer(bytes, at, count);
            buffers.add(buffer);
            walk.read(buffer);
            at += count;
        }
        assertThat(walk.forwarded.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(walk.taken).isEqualTo(expectedTaken);
        walk.release();
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void whatOnlyPassesIsTheVeryBufferThatWasRead() {
        var walk = new Recorder();
        var buffer = Unpooled.wrappedBuffer(message('F', "one"), message('F', "two"));
        walk.read(buffer);
        assertThat(walk.given).containsExactly(buffer);
    }

    @Test
    void whatIsHeldComesLaterAndInOrder() {
        var walk = new Recorder();
        walk.read(Unpooled.wrappedBuffer(message('F', "1"), message('H', "2"), message('F', "3")));
        walk.read(Unpooled.wrappedBuffer(message('F', "4")));
        assertThat(walk.forwarded.size()).isEqualTo(6);
        assertThat(walk.isHeld()).isTrue();
        walk.holding = false;
        walk.resume();
        assertThat(walk.forwarded.size()).isEqualTo(24);
        assertThat(walk.waiting()).isZero();
    }

    @Test
    void aLengthThatCannotBeMakesTheStreamOpaque() {
        var walk = new Recorder();
        var garbage = new byte[] {'D', 0, 0, 0, 1, 'D', 0, 0, 0, 4};
        walk.read(Unpooled.copiedBuffer(garbage));
        walk.read(Unpooled.copiedBuffer(message('D', "passes now")));
        assertThat(walk.forwarded.size()).isEqualTo(garbage.length + message('D', "passes now").length);
    }

    @Test
    void nothingPassesAfterTheEnd() {
        var walk = new Recorder();
        walk.read(Unpooled.copiedBuffer(message('T', "half").clone(), 0, 6));
        walk.release();
        assertThat(walk.forwarded.size()).isZero();
    }
}
