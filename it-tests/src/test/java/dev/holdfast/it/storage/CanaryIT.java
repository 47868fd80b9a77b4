package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.storage.server.GoogleServer;
import dev.holdfast.it.storage.server.S3Server;
import dev.holdfast.it.storage.server.WebDavServer;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestCertificate;
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
import java.util.Optional;
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

    private static S3Server s3;
    private static WebDavServer webdav;
    private static GoogleServer google;
    private static TestHoldfast holdfast;
    private static Connection connection;
    private final List<String> seen = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        s3 = S3Server.start(TestCertificate.create(directory));
        webdav = WebDavServer.start(directory, Optional.empty());
        google = GoogleServer.start();
        holdfast = TestHoldfast.configured(google.configuration(), "root", "--insecure");
        connection = holdfast.connect("postgres");
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "create table t as select 1 as a");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        s3.close();
        webdav.close();
        google.close();
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
        var good = new String[] {
            "s3://bucket/c?" + S3Server.parameters("http://127.0.0.1:" + s3.port()),
            "http://" + WebDavServer.LOGIN + "@127.0.0.1:" + webdav.port() + "/c",
            "gs://bucket/c?BEARER_TOKEN=" + GoogleServer.TOKEN
        };
        // Refused, unreachable, and not even understood.
        var bad = new String[] {
            "s3://bucket/c?AWS_ACCESS_KEY_ID=testkey&AWS_SECRET_ACCESS_KEY=CANARY1&AWS_ENDPOINT=http://127.0.0.1:" + s3.port(),
            "s3://nosuch/c?" + S3Server.parameters("http://127.0.0.1:" + s3.port()),
            "s3://bucket/c?AWS_ACCESS_KEY_ID=k&AWS_SECRET_ACCESS_KEY=CANARY4&unknown=x",
            "gs://bucket/c?AUTH=specified&CREDENTIALS=CANARY5",
            "gs://bucket/c?BEARER_TOKEN=CANARY6",
            "azure-blob://container/c?AZURE_ACCOUNT_NAME=a&AZURE_ACCOUNT_KEY=CANARY7",
            "azure-blob://container/c?AUTH=specified&AZURE_ACCOUNT_NAME=a&AZURE_CLIENT_ID=b&AZURE_TENANT_ID=c&AZURE_CLIENT_SECRET=CANARY8&x=y",
            "http://dav:CANARY9@127.0.0.1:" + webdav.port() + "/c",
            "ftp://u:CANARY11@host/c"
        };
        for (var uri : good) {
            int number = seen.size();
            say("BACKUP DATABASE shop INTO '" + uri + "'");
            say("BACKUP DATABASE shop INTO '" + uri + "-encrypted' WITH encryption_passphrase = 'CANARY-passphrase'");
            say("SHOW BACKUPS IN '" + uri + "'");
            say("SHOW BACKUP FROM LATEST IN '" + uri + "'");
            say("RESTORE DATABASE shop FROM LATEST IN '" + uri + "' WITH new_db_name = restored" + number);
            say("RESTORE DATABASE nosuch FROM LATEST IN '" + uri + "'");
            say("CREATE EXTERNAL CONNECTION c" + number + " AS '" + uri + "'");
        }
        for (var uri : bad) {
            say("BACKUP DATABASE shop INTO '" + uri + "'");
            say("SHOW BACKUP FROM LATEST IN '" + uri + "'");
            say("RESTORE DATABASE shop FROM LATEST IN '" + uri + "' WITH new_db_name = other, encryption_passphrase = 'CANARY-12'");
            say("CREATE EXTERNAL CONNECTION bad AS '" + uri + "'");
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
