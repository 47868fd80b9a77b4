package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageContract;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.userfile.UserFileProvider;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files in tables. */
class UserFileStorageIT extends StorageContract {
    private static TestPostgres postgres;
    private static UserFileProvider provider;
    private static int places;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.start(18);
        provider = new UserFileProvider(postgres.upstream());
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            Sessions.execute(connection, "create database defaultdb", "create database system", "create role ann login");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @Override
    protected ExternalStorage open() throws IOException {
        return provider.open(StorageUri.parse("userfile://defaultdb.public.files" + ++places + "/some/path"));
    }

    @Test
    void ownFilesAreOnesOwn() throws Exception {
        var uri = provider.bind(StorageUri.parse("userfile:///backups"), "ann");
        assertThat(uri.toString()).isEqualTo("userfile://defaultdb.public.userfiles_ann/backups");
        assertThat(provider.bind(StorageUri.parse("userfile://defaultdb.public.userfiles_$user/backups"), "ann")).isEqualTo(uri);
        try (var storage = provider.open(uri)) {
            storage.putIfAbsent("x", new byte[5_000_000]);
        }
        try (var connection = postgres.upstream().connect("defaultdb", "test")) {
            assertThat(Sessions.rows(
                            connection,
                            """
                            select f.filename, f.file_size, p.byte_offset, length(p.payload), f.username
                            from public.userfiles_ann_upload_files f join public.userfiles_ann_upload_payload p using (file_id)
                            order by byte_offset
                            """))
                    .containsExactly("/backups/x|5000000|0|4194304|ann", "/backups/x|5000000|4194304|805696|ann");
            assertThat(Sessions.one(connection, "select has_table_privilege('ann', 'public.userfiles_ann_upload_files', 'select')"))
                    .isEqualTo("t");
            assertThat(Sessions.rows(
                            connection,
                            "select grantee from information_schema.role_table_grants where table_name = 'userfiles_ann_upload_files'"
                                    + " and grantee not in ('ann', 'postgres')"))
                    .isEmpty();
        }
    }

    @Test
    void namesWithDotsAndQuotesAreKeptApart() throws Exception {
        var uri = provider.bind(StorageUri.parse("userfile:///b"), "ann.o\"x");
        try (var storage = provider.open(uri)) {
            storage.putIfAbsent("x", new byte[0]);
            assertThat(storage.list("")).containsExactly("x");
        }
        try (var connection = postgres.upstream().connect("defaultdb", "test")) {
            assertThat(Sessions.one(connection, "select count(*) from pg_tables where tablename = 'userfiles_ann.o\"x_upload_files'"))
                    .isEqualTo("1");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            userfile://onlyone/x                     | unable to parse qualified table name onlyone supplied to userfile
            userfile://a.b.c/x/../y                  | path /x/../y changes after normalization to /y. userfile upload does not permit such path constructs
            userfile://a.b.c/x?AUTH=implicit         | unknown userfile query parameters: AUTH
            """)
    void refusesWhatItCannotMean(String uri, String message) {
        assertThatThrownBy(() -> provider.open(StorageUri.parse(uri))).hasMessage(message);
    }
}
