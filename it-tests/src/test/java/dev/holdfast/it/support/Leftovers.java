package dev.holdfast.it.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What must not be there once no job runs: half-built databases and schemas, files of backups that were never finished. */
public final class Leftovers {
    private Leftovers() {}

    /** {@code open} connects to the database of that name. */
    public interface Connector {
        Connection connect(String database) throws SQLException;
    }

    public static List<String> inServer(Connector open) throws SQLException {
        var found = new ArrayList<String>();
        try (var connection = open.connect("postgres")) {
            for (var database : Sessions.rows(connection, "select datname from pg_database where datname <> 'template0' order by 1")) {
                if (database.startsWith("holdfast_restore")) {
                    found.add("database " + database);
                    continue;
                }
                try (var inside = open.connect(database)) {
                    Sessions.rows(inside, "select nspname from pg_namespace where starts_with(nspname, 'holdfast_restore') order by 1")
                            .forEach(schema -> found.add("schema " + database + "." + schema));
                }
            }
            Sessions.rows(
                            connection,
                            "select application_name || ': ' || query from pg_stat_activity where starts_with(application_name, 'holdfast job')")
                    .forEach(session -> found.add("session " + session));
        }
        try (var system = open.connect("system")) {
            Sessions.rows(system, "select job_id || ' ' || path from public.backup_files")
                    .forEach(file -> found.add("index entry " + file));
        }
        return found;
    }

    /** Directories of backups without a manifest, files on their way, and pointers to what is not there. */
    public static List<String> inCollections(Path extern) throws IOException {
        var found = new ArrayList<String>();
        if (!Files.exists(extern)) {
            return found;
        }
        try (var paths = Files.walk(extern)) {
            for (var path : (Iterable<Path>) paths::iterator) {
                var name = path.getFileName().toString();
                if (path.getParent() != null && path.getParent().getFileName().toString().startsWith(".unfinished-")) {
                    found.add("unfinished " + path);
                } else if (List.of("BACKUP-LOCK", "data").contains(name) && !Files.exists(path.resolveSibling("BACKUP_MANIFEST"))) {
                    if (!TestHoldfast.WRITE_ONCE) {
                        found.add("unfinished backup " + path);
                    }
                } else if (name.startsWith("LATEST-")) {
                    var collection = path.getParent().getParent().getParent();
                    var target = collection.resolve(Files.readString(path).substring(1)).resolve("BACKUP_MANIFEST");
                    if (!Files.exists(target)) {
                        found.add("LATEST to " + target);
                    }
                }
            }
        }
        return found;
    }
}
