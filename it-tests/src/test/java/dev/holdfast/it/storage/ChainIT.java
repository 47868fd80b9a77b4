package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.holdfast.it.storage.server.AzureServer;
import dev.holdfast.it.storage.server.Clouds;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A full backup, increments with their history and a restore to an instant between two of them, in every kind of storage and under
 * every kind of protection. {@code -Dchains=all} tries each with each, and not only each once.
 */
class ChainIT {
    /** How a chain's data key is protected; by what its increments, and by what its restores find it. */
    private record Protection(String full, String increment, String restore) {
        static Protection by(String option) {
            return new Protection(option, option, option);
        }

        static String with(String option, String more) {
            var options = Stream.of(option, more).filter(text -> !text.isEmpty()).toList();
            return options.isEmpty() ? "" : " WITH " + String.join(", ", options);
        }
    }

    @TempDir
    private static Path directory;

    private static Clouds clouds;
    private static TestHoldfast holdfast;
    private static Connection connection;
    private static Connection shop;
    private static int databases;

    @BeforeAll
    static void start() throws Exception {
        clouds = Clouds.start(directory);
        holdfast = clouds.holdfast();
        connection = holdfast.connect("postgres");
        clouds.introduce(connection);
        Sessions.execute(connection, "create database shop");
        shop = holdfast.connect("shop");
        Sessions.execute(
                shop,
                "create table orders (id bigint primary key, note text)",
                "insert into orders select i, md5(i::text) from generate_series(1, 1000) i",
                "create table keyless (a int, b text)",
                "insert into keyless values (1, 'one'), (1, 'one'), (2, null)");
    }

    @AfterAll
    static void stop() throws Exception {
        shop.close();
        connection.close();
        holdfast.close();
        clouds.close();
    }

    private static Protection protection(String name) {
        var aws = "'" + clouds.east().uri("eastern") + "'";
        var west = "'" + clouds.west().uri("western") + "'";
        var google = "'" + clouds.googleKey() + "'";
        var azure = "'" + AzureServer.kms("vaulted") + "'";
        return switch (name) {
            case "plain" -> Protection.by("");
            case "passphrase" -> Protection.by("encryption_passphrase = 'correct horse'");
            case "aws" -> Protection.by("kms = " + aws);
            case "google" -> Protection.by("kms = " + google);
            case "azure" -> Protection.by("kms = " + azure);
            // Increments need some of the keys, a restore any of them.
            case "several" -> new Protection(
                    "kms = (" + String.join(", ", aws, west, google, azure) + ")", "kms = (" + google + ", " + aws + ")", "kms = " + azure);
            default -> throw new IllegalArgumentException(name);
        };
    }

    static Stream<Arguments> chains() {
        var schemes = Clouds.SCHEMES.stream().filter(scheme -> !scheme.equals("https")).toList();
        var protections = List.of("plain", "passphrase", "aws", "google", "azure", "several");
        if ("all".equals(System.getProperty("chains"))) {
            return schemes.stream().flatMap(scheme -> protections.stream().map(protection -> Arguments.of(scheme, protection)));
        }
        return Stream.of("nodelocal several", "userfile passphrase", "s3 aws", "s3 plain", "gs google", "azure-blob azure")
                .map(pair -> Arguments.of((Object[]) pair.split(" ")));
    }

    /** Every change gives every layer something to do: a row more, one less, one that is another. */
    private static void change() throws Exception {
        int round = ++databases;
        Sessions.execute(
                shop,
                "insert into orders select max(id) + 1, 'round " + round + "' from orders",
                "update orders set note = note || '+' where id % 100 = " + round % 100,
                "delete from keyless where ctid = (select min(ctid) from keyless)",
                "insert into keyless values (" + round + ", 'some'), (" + round + ", 'some')");
    }

    private static String now() throws Exception {
        var now = Sessions.one(shop, "select clock_timestamp()");
        // Whatever happens next, happens later.
        Sessions.execute(shop, "select pg_sleep(0.002)");
        return now;
    }

    private static void restoresTo(String collection, String instant, String option, Map<String, String> expected) throws Exception {
        var database = "restored" + ++databases;
        Sessions.execute(connection, "RESTORE DATABASE shop FROM LATEST IN '" + collection + "'"
                + (instant.isEmpty() ? "" : " AS OF SYSTEM TIME '" + instant + "'") + Protection.with(option, "new_db_name = " + database));
        try (var restored = holdfast.connect(database)) {
            assertThat(Rows.of(restored)).as("%s as of %s", collection.replaceAll("\\?.*", ""), instant).isEqualTo(expected);
        }
        Sessions.execute(connection, "drop database " + database + " with (force)");
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("chains")
    void everyInstantOfAChainCanBeRestored(String scheme, String protectionName) throws Exception {
        var collection = clouds.place(scheme, "chain-" + protectionName);
        var protection = protection(protectionName);
        Sessions.execute(connection, "BACKUP DATABASE shop INTO '" + collection + "'" + Protection.with(protection.full(), "revision_history"));
        var instants = new ArrayList<String>();
        var states = new ArrayList<Map<String, String>>();
        for (int layer = 0; layer < 2; layer++) {
            change();
            instants.add(now());
            states.add(Rows.of(shop));
            change();
            Sessions.execute(
                    connection,
                    "BACKUP DATABASE shop INTO LATEST IN '" + collection + "'" + Protection.with(protection.increment(), "revision_history"));
        }
        for (int i = 0; i < instants.size(); i++) {
            restoresTo(collection, instants.get(i), protection.restore(), states.get(i));
        }
        restoresTo(collection, "", protection.restore(), Rows.of(shop));
        assertThat(Sessions.one(connection, "SHOW BACKUP VALIDATE FROM LATEST IN '" + collection + "'" + Protection.with(protection.restore(), "")))
                .endsWith("No problems found!\n");
    }

    /** A region that is gone takes no chain with it. */
    @Test
    void withOneRegionDownTheOtherOneServes() throws Exception {
        var collection = clouds.place("nodelocal", "regions");
        var both = "kms = ('" + clouds.east().uri("eastern") + "', '" + clouds.west().uri("western") + "')";
        Sessions.execute(connection, "BACKUP DATABASE shop INTO '" + collection + "' WITH revision_history, " + both);
        clouds.east().goDown();
        try {
            change();
            var instant = now();
            var state = Rows.of(shop);
            Sessions.execute(
                    connection,
                    "BACKUP DATABASE shop INTO LATEST IN '" + collection + "' WITH revision_history, kms = '" + clouds.west().uri("western") + "'");
            restoresTo(collection, instant, both, state);
        } finally {
            clouds.east().comeBack();
        }
    }

    /** What cannot be listed has no way to find the increments of a chain. */
    @Test
    void aPlaceThatCannotBeListedTakesFullBackups() throws Exception {
        assumeFalse(TestHoldfast.WRITE_ONCE, "such a place is refused");
        var collection = clouds.place("https", "chain");
        Sessions.execute(connection, "BACKUP DATABASE shop INTO '" + collection + "'");
        assertThatThrownBy(() -> Sessions.execute(connection, "BACKUP DATABASE shop INTO LATEST IN '" + collection + "'"))
                .hasMessageContaining("listing")
                .hasMessageNotContaining("CANARY");
        restoresTo(collection, "", "", Rows.of(shop));
    }
}
