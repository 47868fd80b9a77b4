package dev.holdfast.engine.storage.userfile;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.StorageUri;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the files of a {@code userfile://database.schema.prefix/...} URI are: {@code <prefix>_upload_files} has a row per file,
 * {@code <prefix>_upload_payload} their bytes in pieces of up to 4 MiB.
 */
record UserFileTables(String database, String schema, String prefix) {
    static final String DEFAULT_DATABASE = "defaultdb";

    static UserFileTables of(StorageUri uri) {
        var parts = parts(uri.host());
        if (parts.size() != 3 || parts.stream().anyMatch(String::isEmpty)) {
            throw HoldfastException.of(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "unable to parse qualified table name " + uri.host() + " supplied to userfile")
                    .withHint("The form is userfile://database.schema.prefix/path, or userfile:///path for one's own files.");
        }
        return new UserFileTables(parts.get(0), parts.get(1), parts.get(2));
    }

    /** Cut at dots; what stands in double quotes is one part, dots and all. */
    private static List<String> parts(String host) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c == '"' && quoted && i + 1 < host.length() && host.charAt(i + 1) == '"') {
                part.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '.' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /** Whose files they are, by the name they have unless it was chosen. */
    String owner() {
        return prefix.replaceFirst("^userfiles_", "");
    }

    String files() {
        return Sql.identifier(schema) + "." + Sql.identifier(prefix + "_upload_files");
    }

    String payload() {
        return Sql.identifier(schema) + "." + Sql.identifier(prefix + "_upload_payload");
    }

    /** Makes them on first use, in the database's own rights: they belong to the user, and nobody else has any on them. */
    void create(Connection connection) throws SQLException {
        int present = count(connection);
        if (present == 2) {
            return;
        }
        if (present == 1) {
            throw HoldfastException.of(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "expected both File and Payload tables to exist, but one of them has been dropped");
        }
        connection.setAutoCommit(false);
        try {
            // Two who come at the same moment must not both make them.
            Sql.query(connection, "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext(?))", row -> true, files());
            if (count(connection) == 0) {
                Sql.execute(
                        connection,
                        """
                        create table %1$s (
                            filename text primary key,
                            file_id uuid not null default pg_catalog.gen_random_uuid() unique,
                            file_size int8 not null,
                            username text not null,
                            upload_time timestamp default pg_catalog.now());
                        create table %2$s (
                            file_id uuid not null,
                            byte_offset int8 not null,
                            payload bytea,
                            primary key (file_id, byte_offset),
                            constraint file_id_fk foreign key (file_id) references %1$s (file_id));
                        -- It is compressed already, and read in slices.
                        alter table %2$s alter column payload set storage external;
                        revoke all on %1$s, %2$s from public;
                        """
                                .formatted(files(), payload()));
                if (Sql.first(connection, "select from pg_catalog.pg_roles where rolname = ?", row -> true, owner()).isPresent()) {
                    Sql.execute(
                            connection,
                            "grant select, insert, update, delete on %s, %s to %s".formatted(files(), payload(), Sql.identifier(owner())));
                }
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    boolean exist(Connection connection) throws SQLException {
        return count(connection) > 0;
    }

    /** One query: of two tables that are made in one transaction it sees both or none. */
    private int count(Connection connection) throws SQLException {
        return Sql.one(
                connection,
                """
                select pg_catalog.count(*)
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where n.nspname = ? and c.relname in (?, ?) and c.relkind in ('r', 'p')
                """,
                row -> row.getInt(1),
                schema,
                prefix + "_upload_files",
                prefix + "_upload_payload");
    }
}
