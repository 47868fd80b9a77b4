package dev.holdfast.engine.collection;

import dev.holdfast.engine.crypto.Container;
import dev.holdfast.engine.crypto.DataKey;
import dev.holdfast.engine.crypto.DecryptingInput;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.schema.DatabaseProperties;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.Extension;
import dev.holdfast.engine.schema.LargeObjects;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.SequencePosition;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.core.JacksonException;

/**
 * The directory of one backup, full or incremental:
 *
 * <pre>
 * BACKUP-LOCK                       who writes here; never removed on success
 * NEXT-1                            who writes the layer that leads on from this one
 * progress/BACKUP-CHECKPOINT-...    says that a backup has begun
 * ENCRYPTION-INFO                   in a full backup that is encrypted: how its data key is found
 * data/N.sst                        rows
 * descriptorslist.sst               schemas
 * filelist.sst                      what is where in data/
 * BACKUP_MANIFEST-CHECKSUM
 * BACKUP_MANIFEST                   its presence says that the backup is complete
 * </pre>
 *
 * In an encrypted backup all but the locks, the checksum and ENCRYPTION-INFO is encrypted. docs/FORMAT.md describes every byte.
 */
public final class Layer {
    static final String MANIFEST = "BACKUP_MANIFEST";
    private static final String CHECKSUM = "BACKUP_MANIFEST-CHECKSUM";
    private static final String CHECKPOINT = "progress/BACKUP-CHECKPOINT-";
    private static final String DATA = "data/";
    private static final String DESCRIPTORS = "descriptorslist.sst";
    private static final String FILES = "filelist.sst";
    private static final String ENCRYPTION_INFO = "ENCRYPTION-INFO";
    private static final Duration MANIFEST_FOLLOWS_WITHIN = Duration.ofSeconds(2);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ExternalStorage stored;
    private final ExternalStorage storage;
    private final Optional<DataKey> key;

    public Layer(ExternalStorage stored, Optional<DataKey> key) {
        this.stored = stored;
        this.storage = key.<ExternalStorage>map(k -> new EncryptedStorage(stored, k)).orElse(stored);
        this.key = key;
    }

    /** The layer's objects, decrypted. */
    public ExternalStorage storage() {
        return storage;
    }

    /** As it may be shown. */
    public String uri() {
        return stored.describe("");
    }

    /** Who may write here, and who behind it. */
    public LayerLocks locks() {
        return new LayerLocks(stored);
    }

    /** Says that a backup has begun here; what it says is for people. */
    public void writeCheckpoint(Instant now, Map<String, Object> content) throws IOException {
        try (var writer = storage.write(CHECKPOINT + DescendingTime.encode(now))) {
            writer.write(gzip(JsonLines.JSON.writeValueAsBytes(content)));
            writer.commit();
        }
    }

    public boolean hasManifest() throws IOException {
        return stored.size(MANIFEST).isPresent();
    }

    /**
     * Whether there was a manifest and is none any more: its checksum is written just before it. It may be on its way at this very
     * moment, so it is looked for again.
     */
    boolean isLost() throws IOException {
        if (hasManifest() || stored.size(CHECKSUM).isEmpty()) {
            return false;
        }
        LockSupport.parkNanos(MANIFEST_FOLLOWS_WITHIN.toNanos());
        return !hasManifest();
    }

    public HoldfastException alreadyHasManifest() {
        return exists(uri() + " already contains a BACKUP_MANIFEST file");
    }

    static HoldfastException exists(String message) {
        return HoldfastException.of(SqlState.DUPLICATE_FILE, message);
    }

    /**
     * Removes what is left of a backup that will not be finished, the lock last. Only what a backup writes: a directory that
     * a user chose may hold other things, and other backups below it. Where nothing can be listed, the objects whose names are
     * not known by heart stay, and no manifest will ever name them.
     */
    public void remove() throws IOException {
        if (stored.canList()) {
            for (var prefix : List.of(DATA, CHECKPOINT)) {
                for (var name : stored.list(prefix)) {
                    stored.delete(name);
                }
            }
        }
        for (var name : List.of(DESCRIPTORS, FILES, CHECKSUM, ENCRYPTION_INFO, LayerLocks.LOCK)) {
            stored.delete(name);
        }
    }

    // ---- encryption ----

    /** In the directory of a full backup, before anything that is encrypted. */
    public void writeEncryptionInfo(byte[] info) throws IOException {
        if (!stored.putIfAbsent(ENCRYPTION_INFO, info) && !Arrays.equals(info, read(stored, ENCRYPTION_INFO))) {
            throw exists(uri() + " already contains an " + ENCRYPTION_INFO + " file");
        }
    }

    /** Beside those that are there: the first one that is added is number 2. */
    public void addEncryptionInfo(byte[] info) throws IOException {
        int number = encryptionInfos().size() + 1;
        while (!stored.putIfAbsent(ENCRYPTION_INFO + "-" + number, info)) {
            number++;
        }
    }

    /** All that is said about how the data key is found: what was added last, first. */
    public List<byte[]> encryptionInfos() throws IOException {
        var infos = new ArrayList<byte[]>();
        var names = stored.canList() ? stored.list(ENCRYPTION_INFO, "/") : List.of(ENCRYPTION_INFO);
        for (var name : names.reversed()) {
            if (stored.size(name).isPresent()) {
                infos.add(read(stored, name));
            }
        }
        return infos;
    }

    private static byte[] read(ExternalStorage storage, String name) throws IOException {
        try (var in = storage.read(name)) {
            return in.readAllBytes();
        }
    }

    // ---- manifest ----

    /** Makes the layer complete. */
    public void writeManifest(Manifest manifest) throws IOException {
        var plain = gzip(JsonLines.JSON.writeValueAsBytes(manifest));
        var bytes = key.map(k -> Container.seal(plain, k, RANDOM)).orElse(plain);
        try (var writer = stored.write(CHECKSUM)) {
            writer.write(checksum(bytes));
            writer.commit();
        }
        try (var writer = stored.write(MANIFEST)) {
            writer.write(bytes);
            writer.commit();
        }
    }

    public Manifest readManifest() throws IOException {
        var bytes = read(stored, MANIFEST);
        checkManifest(bytes);
        var plain = decrypt(bytes);
        Manifest manifest;
        try {
            manifest = JsonLines.JSON.readValue(
                    new GZIPInputStream(new ByteArrayInputStream(plain)).readAllBytes(), Manifest.class);
        } catch (JacksonException | IOException e) {
            throw damagedManifest(e.getMessage());
        }
        if (manifest.oldestReader() > Manifest.FORMAT_VERSION) {
            throw HoldfastException.of(
                            SqlState.UNCATEGORIZED,
                            "backup from version " + manifest.writer() + " is newer than current version " + Version.WRITER)
                    .withDetail("The backup needs a reader of format " + manifest.oldestReader() + "; this one reads up to "
                            + Manifest.FORMAT_VERSION + ".");
        }
        return manifest;
    }

    /** The manifest is what is read first: with it a wrong key shows. */
    private byte[] decrypt(byte[] bytes) throws IOException {
        if (key.isEmpty()) {
            if (Container.isEncrypted(bytes)) {
                throw HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        "file appears encrypted -- try specifying one of \"encryption_passphrase\" or \"kms\": " + uri());
            }
            return bytes;
        }
        return Container.open(
                bytes,
                key.get(),
                why -> HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        why.equals(DecryptingInput.NOT_AUTHENTIC) ? "failed to decrypt — maybe incorrect key: " + why : why));
    }

    /** Files beside the rows that a reader of this layer may need and that are not there. */
    List<String> missingMetadata(Manifest manifest) throws IOException {
        var missing = new ArrayList<String>();
        for (var name : List.of(CHECKSUM, manifest.descriptors().path(), manifest.files().path())) {
            if (stored.size(name).isEmpty()) {
                missing.add(stored.describe(name));
            }
        }
        return missing;
    }

    private void checkManifest(byte[] bytes) throws IOException {
        byte[] expected;
        try {
            expected = read(stored, CHECKSUM);
        } catch (ObjectNotFoundException e) {
            // The manifest's own format, and the checksums in it, still have to hold.
            return;
        }
        var actual = checksum(bytes);
        if (!Arrays.equals(expected, actual)) {
            throw damagedManifest("checksum mismatch; expected " + HexFormat.of().formatHex(expected) + ", got "
                    + HexFormat.of().formatHex(actual));
        }
    }

    private HoldfastException damagedManifest(String how) {
        return Damage.of(stored.describe(MANIFEST), how);
    }

    /** The first four bytes of SHA-256 over the file as stored. */
    private static byte[] checksum(byte[] bytes) {
        return Arrays.copyOf(ChecksummedOutput.sha256().digest(bytes), 4);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var compressed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(compressed)) {
            gzip.write(plain);
        }
        return compressed.toByteArray();
    }

    // ---- files ----

    @FunctionalInterface
    public interface FileSource {
        void forEach(FileSink sink) throws IOException, SQLException;
    }

    @FunctionalInterface
    public interface FileSink {
        void on(FileEntry entry) throws IOException;
    }

    public Manifest.Part writeFiles(FileSource entries) throws IOException, SQLException {
        try (var writer = new JsonLines.Writer(storage, FILES)) {
            entries.forEach(writer::write);
            return writer.finish();
        }
    }

    public void readFiles(Manifest manifest, FileSink sink) throws IOException {
        JsonLines.read(storage, manifest.files(), line -> sink.on(JsonLines.JSON.readValue(line, FileEntry.class)));
    }

    // ---- descriptors ----

    /** One line of the descriptors' part: exactly one of the fields beside {@code database} is there. */
    private record Line(
            int database,
            Header header,
            SchemaObject object,
            TableLine table,
            SequencePosition sequence,
            LargeObjects largeObjects,
            DatabaseDescriptor.Absent absent) {
        static Line of(int database, Header header) {
            return new Line(database, header, null, null, null, null, null);
        }
    }

    private record Header(
            boolean complete,
            int serverVersion,
            DatabaseProperties properties,
            List<Extension> extensions,
            List<String> remarks,
            Optional<StreamPosition> stream) {}

    private record TableLine(TableRows rows, Manifest.EntryCounts counts, TableState state) {}

    public Manifest.Part writeDescriptors(List<DatabaseDescriptor> databases) throws IOException {
        try (var writer = new JsonLines.Writer(storage, DESCRIPTORS)) {
            for (var database : databases) {
                int index = database.index();
                var schema = database.schema();
                writer.write(Line.of(
                        index,
                        new Header(
                                database.complete(),
                                schema.serverVersion(),
                                schema.properties(),
                                schema.extensions(),
                                schema.remarks(),
                                database.stream())));
                for (var object : schema.objects()) {
                    writer.write(new Line(index, null, object, null, null, null, null));
                }
                for (var table : schema.tables()) {
                    var counts = database.counts().getOrDefault(table.objectId(), Manifest.EntryCounts.NONE);
                    writer.write(new Line(index, null, null, new TableLine(table, counts, database.states().get(table.objectId())), null, null, null));
                }
                for (var sequence : schema.sequences()) {
                    writer.write(new Line(index, null, null, null, sequence, null, null));
                }
                for (var group : schema.largeObjects()) {
                    writer.write(new Line(index, null, null, null, null, group, null));
                }
                for (var absent : database.absent()) {
                    writer.write(new Line(index, null, null, null, null, null, absent));
                }
            }
            return writer.finish();
        }
    }

    public List<DatabaseDescriptor> readDescriptors(Manifest manifest) throws IOException {
        var collectors = new ArrayList<Collector>();
        JsonLines.read(storage, manifest.descriptors(), text -> {
            var line = JsonLines.JSON.readValue(text, Line.class);
            if (line.header() != null) {
                collectors.add(new Collector(line.database(), line.header()));
            } else {
                collectors.getLast().add(line);
            }
        });
        return collectors.stream().map(Collector::finish).toList();
    }

    /** Puts one database together from its lines, which follow its header. */
    private static final class Collector {
        private final int index;
        private final Header header;
        private final List<SchemaObject> objects = new ArrayList<>();
        private final List<TableRows> tables = new ArrayList<>();
        private final Map<Integer, Manifest.EntryCounts> counts = new HashMap<>();
        private final Map<Integer, TableState> states = new HashMap<>();
        private final List<SequencePosition> sequences = new ArrayList<>();
        private final List<LargeObjects> largeObjects = new ArrayList<>();
        private final List<DatabaseDescriptor.Absent> absent = new ArrayList<>();

        Collector(int index, Header header) {
            this.index = index;
            this.header = header;
        }

        void add(Line line) {
            if (line.object() != null) {
                objects.add(line.object());
            } else if (line.table() != null) {
                tables.add(line.table().rows());
                counts.put(line.table().rows().objectId(), line.table().counts());
                if (line.table().state() != null) {
                    states.put(line.table().rows().objectId(), line.table().state());
                }
            } else if (line.sequence() != null) {
                sequences.add(line.sequence());
            } else if (line.largeObjects() != null) {
                largeObjects.add(line.largeObjects());
            } else if (line.absent() != null) {
                absent.add(line.absent());
            }
        }

        DatabaseDescriptor finish() {
            return new DatabaseDescriptor(
                    index,
                    header.complete(),
                    new DatabaseSchema(
                            header.serverVersion(),
                            header.properties(),
                            objects,
                            tables,
                            sequences,
                            header.extensions(),
                            largeObjects,
                            header.remarks()),
                    counts,
                    absent,
                    header.stream() == null ? Optional.empty() : header.stream(),
                    states);
        }
    }
}
