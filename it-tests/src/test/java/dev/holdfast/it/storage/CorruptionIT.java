package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chains are damaged at random, in seeded ways, and restored: the result is an error, or what was backed up, and never
 * something else. {@code -Dcorruptions=500} tries that many of each kind of chain.
 */
class CorruptionIT {
    private static final int CORRUPTIONS = Integer.getInteger("corruptions", 12);

    private static TestHoldfast holdfast;
    private static Connection connection;
    private static Map<String, String> expected;
    private static String instant;
    private static Map<String, String> expectedThen;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        connection = holdfast.connect("postgres");
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(
                    shop,
                    "create table customers (id int primary key, name text not null)",
                    "insert into customers select i, 'customer ' || i from generate_series(1, 500) i",
                    "create table orders (id bigint primary key, customer int references customers, note text)",
                    "insert into orders select i, 1 + i % 500, md5(i::text) from generate_series(1, 3000) i");
            for (var collection : List.of("plain", "encrypted")) {
                Sessions.execute(connection, "BACKUP DATABASE shop INTO 'nodelocal://1/" + collection + "'" + with(collection, ""));
            }
            // The older backup holds other rows: to get them back from the newer chain would be silently wrong.
            Sessions.execute(shop, "update orders set note = 'newer' where id % 2 = 0", "create table more (a int)", "insert into more values (1)");
            appendLayers(shop, "INTO");
            Sessions.execute(shop, "insert into more values (2), (3)", "delete from orders where id % 10 = 3");
            appendLayers(shop, "INTO LATEST IN");
            Sessions.execute(shop, "update customers set name = name || '!' where id < 50", "insert into more values (4)");
            instant = Sessions.one(shop, "select clock_timestamp() from (select pg_sleep(0.002)) s");
            expectedThen = Rows.of(shop);
            Sessions.execute(shop, "select pg_sleep(0.002)", "truncate more", "update orders set note = 'newest' where id % 5 = 0");
            appendLayers(shop, "INTO LATEST IN");
            expected = Rows.of(shop);
        }
    }

    /** One more layer of both collections, of the same state. */
    private static void appendLayers(Connection shop, String into) throws Exception {
        for (var collection : List.of("plain", "encrypted")) {
            Sessions.execute(
                    shop, "BACKUP DATABASE shop " + into + " 'nodelocal://1/" + collection + "'" + with(collection, "revision_history"));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
    }

    private static String with(String collection, String more) {
        var options = new ArrayList<String>();
        if (!more.isEmpty()) {
            options.add(more);
        }
        if (collection.startsWith("encrypted")) {
            options.add("encryption_passphrase = 'correct horse'");
        }
        return options.isEmpty() ? "" : " WITH " + String.join(", ", options);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Directories of the older backup, and of the layers of the newer one, in their order. */
    private static List<Path> layers(Path collection) throws IOException {
        return files(collection).stream()
                .filter(file -> file.endsWith("BACKUP_MANIFEST"))
                .map(Path::getParent)
                .sorted(Comparator.comparing(layer -> collection.relativize(layer).toString()))
                .toList();
    }

    /** Does one thing to the newer chain, and says what. Older than it are another backup, and its own layers. */
    private static String corrupt(Path collection, Random random) throws IOException {
        var layers = layers(collection);
        var older = files(layers.get(random.nextInt(layers.size() - 1)));
        var newer = new ArrayList<Path>();
        for (var layer : layers.subList(1, layers.size())) {
            newer.addAll(files(layer));
        }
        var victim = newer.get(random.nextInt(newer.size()));
        var bytes = Files.readAllBytes(victim);
        switch (random.nextInt(5)) {
            case 0 -> {
                int bit = random.nextInt(Math.max(1, bytes.length) * 8);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(victim, bytes);
                return "flip bit " + bit + " of " + victim;
            }
            case 1 -> {
                int length = random.nextInt(Math.max(1, bytes.length));
                Files.write(victim, java.util.Arrays.copyOf(bytes, length));
                return "truncate to " + length + " " + victim;
            }
            case 2 -> {
                var other = newer.get(random.nextInt(newer.size()));
                var otherBytes = Files.readAllBytes(other);
                Files.write(victim, otherBytes);
                Files.write(other, bytes);
                return "swap " + victim + " and " + other;
            }
            case 3 -> {
                Files.delete(victim);
                return "drop " + victim;
            }
            default -> {
                var replayed = older.get(random.nextInt(older.size()));
                var sameName = older.stream().filter(file -> file.getFileName().equals(victim.getFileName())).findFirst();
                Files.copy(sameName.orElse(replayed), victim, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                return "replay " + sameName.orElse(replayed) + " as " + victim;
            }
        }
    }

    private static Path copy(String collection, String name) throws IOException {
        var source = holdfast.extern().resolve(collection);
        var target = holdfast.extern().resolve(name);
        for (var file : files(source)) {
            var copied = target.resolve(source.relativize(file));
            Files.createDirectories(copied.getParent());
            Files.copy(file, copied);
        }
        return target;
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "encrypted"})
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void nothingRestoresSilentlyWrong(String collection) throws Exception {
        int errors = 0;
        for (int seed = 0; seed < CORRUPTIONS; seed++) {
            var name = collection + "-" + seed;
            var copy = copy(collection, name);
            var what = "seed " + seed + ": " + corrupt(copy, new Random(seed));
            try (var statement = connection.createStatement()) {
                statement.setQueryTimeout(60);
                boolean past = seed % 3 == 0;
                statement.execute("RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/" + name + "'"
                        + (past ? " AS OF SYSTEM TIME '" + instant + "'" : "") + with(collection, "new_db_name = damaged"));
                try (var restored = holdfast.connect("damaged")) {
                    assertThat(Rows.of(restored)).as(what).isEqualTo(past ? expectedThen : expected);
                }
                Sessions.execute(connection, "drop database damaged with (force)");
            } catch (SQLException e) {
                // 57014 would be the time limit: something hangs.
                assertThat(e.getSQLState()).as("%s: %s", what, e.getMessage()).isNotEqualTo("57014").isNotEqualTo("XX000");
                errors++;
            }
            Directories.deleteRecursively(copy);
        }
        System.out.println(collection + ": " + errors + " of " + CORRUPTIONS + " corruptions were refused, the others did no harm");
        assertThat(errors).isGreaterThan(CORRUPTIONS / 2);
        assertThat(Sessions.rows(connection, "select datname from pg_database where datname ~ 'damaged|holdfast_restore'")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "encrypted"})
    void validationNamesTheFile(String collection) throws Exception {
        var show = "SHOW BACKUP VALIDATE FROM LATEST IN 'nodelocal://1/%s'";
        assertThat(Sessions.one(connection, show.formatted(collection) + with(collection, ""))).endsWith("No problems found!\n");
        var copy = copy(collection, collection + "-validated");
        var victim = files(layers(copy).getLast()).stream().filter(file -> file.toString().contains("/data/")).findFirst().orElseThrow();
        var bytes = Files.readAllBytes(victim);
        bytes[bytes.length / 2] ^= 1;
        Files.write(victim, bytes);
        assertThat(Sessions.one(connection, show.formatted(collection + "-validated") + with(collection, "")))
                .contains("ERROR: backup file nodelocal://1/" + collection + "-validated/")
                .contains("/data/" + victim.getFileName() + " is damaged: ")
                .endsWith("ERROR: validation failed\n");
    }

    @Test
    void checkFilesLooksForEveryFile() throws Exception {
        var show = "SHOW BACKUP FROM LATEST IN 'nodelocal://1/%s' WITH check_files";
        var sizes = new TreeMap<String, String>();
        for (var row : Sessions.rows(connection, show.formatted("plain"))) {
            var columns = row.split("\\|");
            // The full backup comes first; bytes of changes are those of no table.
            sizes.putIfAbsent(columns[2], columns[columns.length - 1]);
        }
        assertThat(Long.parseLong(sizes.get("orders"))).isGreaterThan(1000);
        assertThat(sizes.get("shop")).isEqualTo("null");
        var copy = copy("plain", "plain-checked");
        for (var file : files(layers(copy).getLast())) {
            if (file.toString().contains("/data/")) {
                Files.delete(file);
            }
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Sessions.rows(connection, show.formatted("plain-checked")))
                .hasMessageContaining("The following files are missing from the backup:\n\tnodelocal://1/plain-checked/");
    }
}
