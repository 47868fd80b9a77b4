package dev.holdfast.engine.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class MergedCopyInputStreamTest {
    /** Gives what it has in pieces of any size, as a socket does. */
    private static InputStream dripping(byte[] bytes, Random random) {
        return new InputStream() {
            private int at;

            @Override
            public int read() {
                return at < bytes.length ? bytes[at++] & 0xff : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (at == bytes.length) {
                    return -1;
                }
                int count = Math.min(Math.min(length, bytes.length - at), 1 + random.nextInt(random.nextBoolean() ? 7 : 3000));
                System.arraycopy(bytes, at, target, offset, count);
                at += count;
                return count;
            }
        };
    }

    private static void message(ByteArrayOutputStream out, char type, byte[] body) {
        out.write(type);
        int length = body.length + 4;
        out.write(length >>> 24);
        out.write(length >>> 16);
        out.write(length >>> 8);
        out.write(length);
        out.writeBytes(body);
    }

    /** All CopyData payloads of a run of them joined, the other messages as they are. */
    private static String normalised(InputStream stream) throws IOException {
        var in = new DataInputStream(stream);
        var text = new StringBuilder();
        boolean inCopy = false;
        for (int type = in.read(); type >= 0; type = in.read()) {
            var body = in.readNBytes(in.readInt() - 4);
            if (type == 'd') {
                text.append(inCopy ? "" : "\nd ");
            } else {
                text.append('\n').append((char) type).append(' ');
            }
            inCopy = type == 'd';
            text.append(HexFormat.of().formatHex(body));
        }
        return text.toString();
    }

    @RepeatedTest(100)
    void onlyTheBoundariesOfCopyDataChange(RepetitionInfo repetition) throws IOException {
        var random = new Random(repetition.getCurrentRepetition());
        var out = new ByteArrayOutputStream();
        message(out, 'R', new byte[4]);
        for (int i = 0; i < 300; i++) {
            var body = new byte[random.nextInt(20) == 0 ? random.nextInt(300_000) : random.nextInt(60)];
            random.nextBytes(body);
            message(out, random.nextInt(8) == 0 ? 'D' : 'd', body);
        }
        var bytes = out.toByteArray();
        var merged = new MergedCopyInputStream(dripping(bytes, random));
        assertThat(normalised(merged)).isEqualTo(normalised(new ByteArrayInputStream(bytes)));
    }

    @Test
    void whatHasArrivedTogetherIsOneMessage() throws IOException {
        var out = new ByteArrayOutputStream();
        message(out, 'R', new byte[4]);
        for (int i = 0; i < 1000; i++) {
            message(out, 'd', new byte[] {(byte) i});
        }
        var in = new DataInputStream(new MergedCopyInputStream(new ByteArrayInputStream(out.toByteArray())));
        in.readNBytes(9);
        assertThat(in.readByte()).isEqualTo((byte) 'd');
        assertThat(in.readInt()).isEqualTo(1004);
    }

    @Test
    void anEncryptedStreamIsLeftAlone() throws IOException {
        var bytes = new byte[5000];
        new Random(7).nextBytes(bytes);
        bytes[0] = 'S';
        bytes[1] = 'd';
        var merged = new MergedCopyInputStream(dripping(bytes, new Random(8)));
        assertThat(merged.readAllBytes()).isEqualTo(bytes);
    }

    @Test
    void theAnswerToSslRequestIsOneByte() throws IOException {
        var out = new ByteArrayOutputStream();
        out.write('N');
        message(out, 'R', new byte[4]);
        message(out, 'd', new byte[] {1});
        message(out, 'd', new byte[] {2});
        var in = new DataInputStream(new MergedCopyInputStream(new ByteArrayInputStream(out.toByteArray())));
        in.readNBytes(10);
        assertThat(in.readByte()).isEqualTo((byte) 'd');
        assertThat(in.readInt()).isEqualTo(6);
    }
}
