package dev.holdfast.engine.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.job.JobId;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files that a running backup has finished, in the system database: as many as there may be, they take no memory here,
 * and they outlive the process.
 */
final class FileIndex {
    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();
    private static final int FETCH = 1000;

    private final SystemDatabase system;
    private final JobId job;

    FileIndex(SystemDatabase system, JobId job) {
        this.system = system;
        this.job = job;
    }

    void clear() throws SQLException {
        system.transaction(
                connection -> Sql.update(connection, "delete from public.backup_files where job_id = ?", job.value()));
    }

    void add(List<FileEntry> entries) throws SQLException {
        system.transaction(connection -> {
            for (var entry : entries) {
                Sql.update(
                        connection,
                        """
                        insert into public.backup_files (job_id, database, object_id, path, start, rows, data_size, entry)
                        values (?, ?, ?, ?, ?, ?, ?, ?::json)
                        """,
                        job.value(),
                        entry.database(),
                        entry.table(),
                        entry.path(),
                        entry.offset(),
                        entry.rows(),
                        entry.dataSize(),
                        JSON.writeValueAsString(entry));
            }
            return null;
        });
    }

    /** All entries, by table. */
    void forEach(Layer.FileSink sink) throws SQLException, IOException {
        try (var connection = system.connection()) {
            connection.setAutoCommit(false);
            try (var statement = connection.prepareStatement(
                    "select entry from public.backup_files where job_id = ? order by database, object_id, path, start")) {
                statement.setLong(1, job.value());
                statement.setFetchSize(FETCH);
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        sink.on(JSON.readValue(rows.getString(1), FileEntry.class));
                    }
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    /** Rows and bytes by table of one database. */
    Map<Integer, Manifest.EntryCounts> counts(int database) throws SQLException {
        var counts = new HashMap<Integer, Manifest.EntryCounts>();
        try (var connection = system.connection()) {
            Sql.query(
                    connection,
                    """
                    select object_id, sum(rows), sum(data_size) from public.backup_files
                    where job_id = ? and database = ? and object_id >= 0 group by object_id
                    """,
                    row -> counts.put(row.getInt(1), new Manifest.EntryCounts(row.getLong(2), 0, row.getLong(3))),
                    job.value(),
                    database);
        }
        return counts;
    }
}
