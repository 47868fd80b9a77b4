package dev.holdfast.engine.collection;

import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.crypto.DataKey;
import dev.holdfast.engine.crypto.Encryption;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.Folder;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A place that holds full backups and their increments:
 *
 * <pre>
 * metadata/latest/LATEST-...      one more for every full backup; the name that sorts first is the newest
 * 2026/03/01-120000.00/           a full backup
 * incrementals/2026/03/01-120000.00/20260301/130000.00/    one increment of it
 * </pre>
 *
 * Increments may be in a place of their own instead, as {@code 2026/03/01-120000.00/20260301/130000.00/}.
 */
public final class Collection implements AutoCloseable {
    private static final String LATEST_DIRECTORY = "metadata/latest/";
    private static final String LATEST = "LATEST";

    private final ExternalStorage storage;
    private final Optional<ExternalStorage> location;
    private final Optional<DataKey> key;

    public Collection(ExternalStorage storage) {
        this(storage, Optional.empty(), Optional.empty());
    }

    /** {@code location}: where the increments are, if not in the collection. */
    private Collection(ExternalStorage storage, Optional<ExternalStorage> location, Optional<DataKey> key) {
        this.storage = storage;
        this.location = location;
        this.key = key;
    }

    public static Collection open(Storages storages, CollectionUris uris) throws IOException {
        var storage = storages.open(StorageUri.parse(uris.collection()));
        if (uris.increments().isEmpty()) {
            return new Collection(storage);
        }
        try {
            var location = storages.open(StorageUri.parse(uris.increments().get()));
            return new Collection(storage, Optional.of(location), Optional.empty());
        } catch (IOException | RuntimeException e) {
            storage.close();
            throw e;
        }
    }

    /** The same collection for the backups in it that are encrypted like that, as one who has the keys sees it. */
    public Collection with(Optional<Encryption> encryption, BackupKeys keys) throws IOException {
        return encryption.isEmpty() ? this : new Collection(storage, location, Optional.of(keys.open(encryption.get())));
    }

    @Override
    public void close() {
        location.ifPresent(ExternalStorage::close);
        storage.close();
    }

    public Layer full(BackupPath path) {
        return new Layer(Folder.of(storage, path.value()), key);
    }

    /** The full backup a user means by a path, or by LATEST. */
    public BackupPath resolve(String subdirectory) throws IOException {
        return subdirectory.equalsIgnoreCase("latest") ? latest() : BackupPath.typed(subdirectory);
    }

    /** The full backup that was finished last. */
    public BackupPath latest() throws IOException {
        var pointer = latestName();
        if (pointer.isEmpty()) {
            throw HoldfastException.of(SqlState.UNDEFINED_FILE, "path does not contain a completed latest backup")
                    .withDetail("LATEST file could not be read in base or metadata directory");
        }
        try (var in = storage.read(pointer.get())) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (text.isBlank()) {
                throw HoldfastException.of(SqlState.UNCATEGORIZED, "malformed LATEST file");
            }
            return BackupPath.typed(text.strip());
        }
    }

    private Optional<String> latestName() throws IOException {
        if (storage.canList()) {
            for (var name : storage.list(LATEST_DIRECTORY, "/")) {
                // Copying tools leave an object that is named like the directory.
                if (name.length() > LATEST_DIRECTORY.length()) {
                    return Optional.of(name);
                }
            }
        } else if (storage.size(LATEST_DIRECTORY + LATEST).isPresent()) {
            return Optional.of(LATEST_DIRECTORY + LATEST);
        }
        return storage.size(LATEST).isPresent() ? Optional.of(LATEST) : Optional.empty();
    }

    /**
     * Says that this full backup is complete and the newest; earlier pointers stay as they are. Where nothing can be listed
     * there is one name only, and what it pointed at before has to go.
     */
    public void writeLatest(BackupPath path, Instant now) throws IOException {
        if (!storage.canList()) {
            storage.delete(LATEST);
        }
        try (var writer = storage.write(
                storage.canList() ? LATEST_DIRECTORY + "LATEST-" + DescendingTime.encode(now) : LATEST)) {
            writer.write(path.value().getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
    }

    /** Complete full backups, oldest first: directories of three levels that hold a manifest. */
    public List<BackupPath> fulls() throws IOException {
        if (!storage.canList()) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "the storage of this collection does not support listing");
        }
        var paths = new ArrayList<BackupPath>();
        for (var year : directories(storage, "")) {
            for (var month : directories(storage, year)) {
                if (DAY.matcher(month.substring(year.length())).matches()) {
                    // Increments in the directory of a full backup whose name a user has chosen.
                    continue;
                }
                for (var day : directories(storage, month)) {
                    if (storage.size(day + Layer.MANIFEST).isPresent()) {
                        paths.add(BackupPath.typed(day));
                    }
                }
            }
        }
        return paths;
    }

    private static List<String> directories(ExternalStorage place, String parent) throws IOException {
        return place.list(parent, "/").stream()
                .filter(name -> name.endsWith("/") && !name.equals(parent))
                .toList();
    }

    // ---- increments ----

    private static final String INCREMENTALS = "incrementals/";
    private static final DateTimeFormatter INCREMENT =
            DateTimeFormatter.ofPattern("yyyyMMdd/HHmmss.SS").withZone(ZoneOffset.UTC);
    private static final Pattern DAY = Pattern.compile("[0-9]{8}/");

    /** An increment that no restore can find would be lost in silence. */
    public void requireIncrements() {
        if (!location.orElse(storage).canList()) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "the storage of this collection does not support listing")
                    .withDetail("The increments of a backup are found by listing.")
                    .withHint("Take full backups there, or keep the increments elsewhere (incremental_location).");
        }
    }

    public Layer increment(BackupPath full, String directory) throws IOException {
        return new Layer(Folder.of(increments(full), directory), key);
    }

    /** Where those of a full backup are: where the user says; else in its own directory, if that is where they have begun to be. */
    private ExternalStorage increments(BackupPath full) throws IOException {
        if (location.isPresent()) {
            return Folder.of(location.get(), full.value());
        }
        var beside = Folder.of(storage, INCREMENTALS + full.value().replaceFirst("^/", ""));
        var inside = Folder.of(storage, full.value());
        if (!storage.canList() || days(inside).isEmpty()) {
            return beside;
        }
        if (!days(beside).isEmpty()) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED,
                    "Incremental layers found in both old and new default locations. Please choose a location manually with the"
                            + " `incremental_location` parameter.");
        }
        return inside;
    }

    private static List<String> days(ExternalStorage increments) throws IOException {
        return directories(increments, "").stream().filter(name -> DAY.matcher(name).matches()).toList();
    }

    /** Named by the instant at which it ends. */
    public static String incrementDirectory(Instant endTime) {
        return INCREMENT.format(endTime);
    }

    /** A full backup and the finished increments on it, in the order of their ends. */
    public Chain chain(BackupPath full) throws IOException {
        var links = new ArrayList<Chain.Link>();
        var lost = new ArrayList<String>();
        var base = existing(full);
        links.add(new Chain.Link("", base, read(base)));
        if (location.isPresent()) {
            requireIncrements();
        }
        var increments = increments(full);
        if (increments.canList()) {
            for (var day : days(increments)) {
                for (var time : directories(increments, day)) {
                    var layer = new Layer(Folder.of(increments, time), key);
                    if (layer.isLost()) {
                        lost.add(increments.describe(time + Layer.MANIFEST));
                    } else if (layer.hasManifest()) {
                        links.add(new Chain.Link(time.substring(0, time.length() - 1), layer, read(layer)));
                    }
                }
            }
        }
        links.sort(Comparator.comparing(link -> link.manifest().endTime()));
        return new Chain(full, links, lost);
    }

    /** Opens a backup that was named by a user, with the error he should see when there is none. */
    public Layer existing(BackupPath path) throws IOException {
        var layer = full(path);
        if (layer.hasManifest()) {
            return layer;
        }
        var missing = HoldfastException.of(
                SqlState.UNDEFINED_FILE,
                "could not find BACKUP manifest file in any of the known locations: BACKUP_MANIFEST: "
                        + storage.describe(path.value()) + " does not exist");
        throw missing.withHint("SHOW BACKUPS IN lists the backups of a collection.");
    }

    /** Reads a manifest that is known to be there. */
    public static Manifest read(Layer layer) throws IOException {
        try {
            return layer.readManifest();
        } catch (ObjectNotFoundException e) {
            throw HoldfastException.of(SqlState.UNDEFINED_FILE, "backup manifest " + layer.uri() + " has vanished", e);
        }
    }
}
