package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.storage.server.AzureServer;
import dev.holdfast.it.storage.server.Clouds;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets have a mark in them, and the mark is looked for wherever somebody could see it, after successes and failures. */
class CanaryIT {
    private static final String MARK = "CANARY";

    @TempDir
    private static Path directory;

    private static Clouds clouds;
    private static TestHoldfast holdfast;
    private static Connection connection;
    private final List<String> seen = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        clouds = Clouds.start(directory);
        holdfast = clouds.holdfast();
        connection = holdfast.connect("postgres");
        clouds.introduce(connection);
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "create table t as select 1 as a");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        clouds.close();
    }

    /** Whatever comes back: rows, notices, or an error with all that belongs to it. */
    private void say(String sql) {
        try (var statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            seen.add(rows ? Sessions.rows(statement.getResultSet()).toString() : "");
            for (var warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                seen.add(warning.toString());
            }
        } catch (SQLException e) {
            seen.add(e.toString());
        }
    }

    @Test
    void noSecretIsSeenAnywhere() throws Exception {
        var keys = List.of(
                "encryption_passphrase = 'CANARY-passphrase'",
                "kms = '" + clouds.east().uri("eastern") + "'",
                "kms = '" + clouds.googleKey() + "'",
                "kms = '" + AzureServer.kms("vaulted") + "'");
        for (var scheme : Clouds.SCHEMES) {
            if (scheme.startsWith("azure") && clouds.azurite().isEmpty()) {
                continue;
            }
            int number = seen.size();
            var uri = clouds.place(scheme, "c");
            var key = keys.get(number % keys.size());
            say("BACKUP DATABASE shop INTO '" + uri + "' WITH revision_history, " + key);
            say("BACKUP DATABASE shop INTO LATEST IN '" + uri + "' WITH revision_history, " + key);
            say("SHOW BACKUPS IN '" + uri + "'");
            say("SHOW BACKUP FROM LATEST IN '" + uri + "' WITH " + key);
            say("RESTORE DATABASE shop FROM LATEST IN '" + uri + "' WITH new_db_name = restored" + number + ", " + key);
            say("RESTORE DATABASE nosuch FROM LATEST IN '" + uri + "'");
            say("CREATE EXTERNAL CONNECTION c" + number + " AS '" + uri + "'");
        }
        // Refused, and not even understood.
        var bad = new String[] {
            clouds.place("s3", "c").replace("CANARY", "CANARY1"),
            clouds.place("s3", "c").replace("bucket", "nosuch"),
            "s3://bucket/c?AWS_ACCESS_KEY_ID=k&AWS_SECRET_ACCESS_KEY=CANARY4&unknown=x",
            "gs://bucket/c?AUTH=specified&CREDENTIALS=CANARY5",
            "gs://bucket/c?BEARER_TOKEN=CANARY6",
            "azure-blob://container/c?AZURE_ACCOUNT_NAME=a&AZURE_ACCOUNT_KEY=CANARY7",
            "azure-blob://container/c?AUTH=specified&AZURE_ACCOUNT_NAME=a&AZURE_CLIENT_ID=b&AZURE_TENANT_ID=c&AZURE_CLIENT_SECRET=CANARY8&x=y",
            clouds.place("https", "c").replace("CANARY", "CANARY9"),
            "ftp://u:CANARY11@host/c"
        };
        for (var uri : bad) {
            say("BACKUP DATABASE shop INTO '" + uri + "'");
            say("SHOW BACKUP FROM LATEST IN '" + uri + "'");
            say("RESTORE DATABASE shop FROM LATEST IN '" + uri + "' WITH new_db_name = other, encryption_passphrase = 'CANARY-12'");
            say("CREATE EXTERNAL CONNECTION bad AS '" + uri + "'");
        }
        for (var key : keys.subList(1, keys.size())) {
            say("BACKUP DATABASE shop INTO 'nodelocal://1/refused' WITH " + key.replace("CANARY", "CANARY14"));
        }
        // Places that cannot be reached are tried again and again: one of them is enough.
        var unreachable = "s3://bucket/c?AWS_ACCESS_KEY_ID=k&AWS_SECRET_ACCESS_KEY=CANARY2&AWS_SESSION_TOKEN=CANARY3&AWS_ENDPOINT=http://127.0.0.1:1";
        say("BACKUP DATABASE shop INTO '" + unreachable + "'");
        say("CREATE EXTERNAL CONNECTION bad AS 'http://dav:CANARY10@127.0.0.1:1/c'");
        say("SET CLUSTER SETTING cloudstorage.gs.default.key = '{\"private_key\": \"CANARY13\"}'");
        say("BACKUP DATABASE shop INTO 'gs://bucket/c?AUTH=default'");
        say("SHOW CLUSTER SETTING cloudstorage.gs.default.key");
        say("SHOW ALL CLUSTER SETTINGS");
        say("SHOW JOBS");
        say("SHOW EXTERNAL CONNECTIONS");
        assertThat(seen).noneMatch(text -> text.contains(MARK));
        assertThat(seen).filteredOn(text -> text.contains("redacted")).isNotEmpty();

        try (var system = holdfast.connect("system")) {
            for (var table : Sessions.rows(system, "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'")) {
                assertThat(Sessions.rows(system, "select t::text from " + table + " t where t::text ~ '" + MARK + "' or t::text ~ '"
                                + hex(MARK) + "'"))
                        .as(table)
                        .isEmpty();
            }
        }
        assertThat(holdfast.errors()).doesNotContain(MARK);
        assertThat(metrics()).doesNotContain(MARK);
        try (var files = Files.walk(holdfast.store())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.exists(file) && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(MARK))
                        .as("%s", file)
                        .isFalse();
            }
        }
    }

    private static String hex(String text) {
        return java.util.HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String metrics() throws Exception {
        try (var logs = Files.walk(holdfast.store().resolve("logs"));
                var client = HttpClient.newHttpClient()) {
            for (var log : logs.filter(Files::isRegularFile).toList()) {
                var address = Pattern.compile("http://\\S+/_status/vars").matcher(Files.readString(log));
                if (address.find()) {
                    return client.send(HttpRequest.newBuilder(URI.create(address.group().replace("///", "//"))).build(), BodyHandlers.ofString()).body();
                }
            }
        }
        throw new AssertionError("no metrics");
    }
}
