package dev.holdfast.engine.crypto;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What has to be known beside the secret to find the data key of a backup: the content of its ENCRYPTION-INFO. A protocol
 * buffer of CockroachDB's:
 *
 * <pre>
 * 1  varint   scheme; only 0, AES-256-GCM, exists, which is written as nothing
 * 2  bytes    salt of the passphrase
 * 3  message  repeated: 1 bytes SHA-256 of a master key's id, 2 bytes the data key as that master key has encrypted it
 * </pre>
 *
 * @param salt there with a passphrase
 * @param wrapped there with a KMS
 */
public record EncryptionInfo(Optional<byte[]> salt, List<WrappedKey> wrapped) {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    /** @param masterKey SHA-256 of the master key's id */
    public record WrappedKey(byte[] masterKey, byte[] encryptedDataKey) {}

    static EncryptionInfo ofSalt(byte[] salt) {
        return new EncryptionInfo(Optional.of(salt), List.of());
    }

    static EncryptionInfo of(List<WrappedKey> wrapped) {
        return new EncryptionInfo(Optional.empty(), List.copyOf(wrapped));
    }

    Optional<byte[]> encryptedBy(byte[] masterKey) {
        return wrapped.stream()
                .filter(key -> Arrays.equals(key.masterKey(), masterKey))
                .map(WrappedKey::encryptedDataKey)
                .findFirst();
    }

    public byte[] encode() {
        var out = new ByteArrayOutputStream();
        salt.ifPresent(bytes -> writeField(out, 2, bytes));
        for (var key : wrapped) {
            var entry = new ByteArrayOutputStream();
            writeField(entry, 1, key.masterKey());
            writeField(entry, 2, key.encryptedDataKey());
            writeField(out, 3, entry.toByteArray());
        }
        return out.toByteArray();
    }

    private static void writeField(ByteArrayOutputStream out, int field, byte[] bytes) {
        out.write(field << 3 | LENGTH_DELIMITED);
        int length = bytes.length;
        while (length >= 0x80) {
            out.write(length | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(bytes);
    }

    public static EncryptionInfo decode(byte[] bytes) {
        Optional<byte[]> salt = Optional.empty();
        var wrapped = new ArrayList<WrappedKey>();
        for (var field : fields(bytes)) {
            switch (field.number()) {
                case 1 -> {
                    if (field.varint() != 0) {
                        throw unreadable("invalid encryption mode");
                    }
                }
                case 2 -> salt = Optional.of(field.bytes());
                case 3 -> wrapped.add(wrappedKey(field.bytes()));
                // A later writer's addition, which a reader of today can do without.
                default -> {}
            }
        }
        return new EncryptionInfo(salt, wrapped);
    }

    private static WrappedKey wrappedKey(byte[] bytes) {
        byte[] masterKey = {};
        byte[] encrypted = {};
        for (var field : fields(bytes)) {
            if (field.number() == 1) {
                masterKey = field.bytes();
            } else if (field.number() == 2) {
                encrypted = field.bytes();
            }
        }
        return new WrappedKey(masterKey, encrypted);
    }

    private record Field(int number, long varint, byte[] bytes) {}

    private static List<Field> fields(byte[] message) {
        var fields = new ArrayList<Field>();
        var in = ByteBuffer.wrap(message);
        while (in.hasRemaining()) {
            long tag = varint(in);
            int number = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case VARINT -> fields.add(new Field(number, varint(in), new byte[0]));
                case LENGTH_DELIMITED -> {
                    long length = varint(in);
                    if (length < 0 || length > in.remaining()) {
                        throw unreadable("it is cut off");
                    }
                    var bytes = new byte[(int) length];
                    in.get(bytes);
                    fields.add(new Field(number, 0, bytes));
                }
                default -> throw unreadable("it is no encryption info");
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!in.hasRemaining()) {
                throw unreadable("it is cut off");
            }
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw unreadable("it is no encryption info");
    }

    private static HoldfastException unreadable(String why) {
        return HoldfastException.of(SqlState.DATA_CORRUPTED, "could not find or read encryption information: " + why);
    }
}
