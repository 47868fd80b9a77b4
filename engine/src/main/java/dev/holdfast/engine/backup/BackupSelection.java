package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.BackupRequest.BackupTargets;
import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which databases a backup is about. */
final class BackupSelection {
    private BackupSelection() {}

    /** A database, and what of it: all, if nothing is said. */
    record Selected(String database, Optional<Predicate<SchemaObject>> roots) {}

    static List<Selected> select(BackupTargets targets, JobContext context) throws SQLException {
        return switch (targets.kind()) {
            case CLUSTER -> allDatabases(context).stream().map(BackupSelection::inCluster).toList();
            case DATABASES -> targets.databases().stream().distinct().map(name -> new Selected(name, Optional.empty())).toList();
            case TABLES -> {
                var byDatabase = new LinkedHashMap<String, List<TableTarget>>();
                for (var table : targets.tables()) {
                    byDatabase.computeIfAbsent(table.database(), name -> new ArrayList<>()).add(table);
                }
                yield byDatabase.entrySet().stream()
                        .map(entry -> new Selected(entry.getKey(), Optional.of(SchemaSelection.named(entry.getValue()))))
                        .toList();
            }
        };
    }

    /** At a moment in the past a table may not have been there, or have had another name. {@code statement}: for the message. */
    static void requireFound(BackupTargets targets, Moment moment, String statement) {
        for (var target : targets.tables()) {
            boolean found = moment.databases().stream()
                    .map(LayerState::export)
                    .filter(export -> export.database().equals(target.database()))
                    .flatMap(export -> export.schema().objects().stream())
                    .anyMatch(SchemaSelection.named(List.of(target)));
            if (!found && target.name() != null) {
                throw HoldfastException.of(
                                SqlState.UNDEFINED_TABLE,
                                "failed to resolve targets specified in the " + statement + " stmt: table \"" + target.name()
                                        + "\" does not exist")
                        .withDetail("At " + moment.endTime() + " there was nothing of that name.");
            }
        }
    }

    /** Of the database {@code system} only what describes the cluster, not what runs in it. */
    private static Selected inCluster(String database) {
        return new Selected(
                database,
                database.equals(SystemDatabase.NAME)
                        ? Optional.of(object -> SchemaSelection.isRelation(object.kind())
                                && SystemDatabase.BACKED_UP_TABLES.contains(object.name()))
                        : Optional.empty());
    }

    /** Databases that nobody may connect to cannot be read, and those that a restore is building are not there yet. */
    private static List<String> allDatabases(JobContext context) throws SQLException {
        try (var connection = context.connect(SystemDatabase.NAME)) {
            return Sql.query(
                    connection,
                    """
                    select datname from pg_catalog.pg_database
                    where datallowconn and datname not in ('template0', 'template1')
                        and not (datname ~ '^holdfast_restore_[0-9]+_[0-9]+$' and datconnlimit = 0)
                    order by datname = 'system' desc, datname
                    """,
                    row -> row.getString(1));
        }
    }
}
