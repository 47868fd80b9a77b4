package dev.holdfast.engine.restore;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.backup.SchemaSelection;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.schema.DatabaseSchema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * What will be restored from where to where, worked out and checked before anything is created.
 *
 * @param uri of the backup, as it may be shown
 * @param instant whose state it is
 * @param databases to be created as wholes
 * @param tables to be put into existing databases, by target
 */
public record RestorePlan(BackupPath path, String uri, Instant instant, List<DatabasePlan> databases, List<TablesPlan> tables) {

    /** {@code name}: under which the database will be. */
    record DatabasePlan(DatabaseDescriptor descriptor, RowSources sources, String name) {}

    /**
     * @param schema the chosen part of the descriptor's
     * @param names under which what is restored will be
     */
    record TablesPlan(DatabaseDescriptor descriptor, RowSources sources, DatabaseSchema schema, String database, NewNames names) {}

    private static final String UNRESOLVED =
            "failed to resolve targets in the BACKUP location specified by the RESTORE statement, use SHOW BACKUP to find correct"
                    + " targets: ";

    public static RestorePlan make(RestoreRequest request, Collection collection, Upstream upstream) throws IOException, SQLException {
        return make(request, collection, collection.resolve(request.subdirectory()), request.asOf(), upstream, true);
    }

    /** {@code checkConflicts}: whether what is to be restored must not exist yet. */
    static RestorePlan make(
            RestoreRequest request,
            Collection collection,
            BackupPath path,
            Optional<Instant> asOf,
            Upstream upstream,
            boolean checkConflicts)
            throws IOException, SQLException {
        var point = RestorePoint.choose(collection.chain(path), asOf);
        try (var connection = upstream.connect(upstream.uri().database(), "holdfast")) {
            for (var link : point.links()) {
                checkVersion(link.manifest(), connection);
            }
            return new RestorePlan(
                    path,
                    point.chain().links().getFirst().layer().uri(),
                    point.instant(),
                    planDatabases(request, point, connection, checkConflicts),
                    planTables(request, point, connection));
        }
    }

    /** Newer servers read what older ones have written, not the other way round. */
    private static void checkVersion(Manifest manifest, Connection connection) throws SQLException {
        int current = Sql.one(connection, "select current_setting('server_version_num')::int4", row -> row.getInt(1));
        for (var server : manifest.servers()) {
            if (server.serverVersion() / 10000 > current / 10000) {
                throw HoldfastException.of(
                                SqlState.UNCATEGORIZED,
                                "backup from version " + server.serverVersion() / 10000 + " is newer than current version "
                                        + current / 10000)
                        .withDetail("A backup of PostgreSQL " + server.serverVersion() / 10000
                                + " can be restored into the same or a newer major version.");
            }
        }
    }

    // ---- databases ----

    private static List<DatabasePlan> planDatabases(
            RestoreRequest request, RestorePoint point, Connection connection, boolean checkConflicts) throws SQLException {
        var descriptors = point.databases();
        var plans = new ArrayList<DatabasePlan>();
        for (var name : request.databases()) {
            var descriptor = descriptors.stream()
                    .filter(d -> d.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> unresolved("no tables or databases matched the given targets: " + name));
            if (!descriptor.complete()) {
                throw unresolved("cannot RESTORE DATABASE from a backup of individual tables (use SHOW BACKUP to determine available"
                        + " tables)");
            }
            var newName = request.newDatabaseName().orElse(name);
            if (newName.isEmpty()) {
                throw HoldfastException.of(SqlState.SYNTAX_ERROR, "the name of a database must not be empty");
            }
            if (checkConflicts && databaseExists(connection, newName)) {
                throw databaseExists(newName);
            }
            plans.add(new DatabasePlan(descriptor, RowSources.of(point, descriptor, descriptor.schema()), newName));
        }
        return plans;
    }

    static HoldfastException databaseExists(String name) {
        return HoldfastException.of(SqlState.DUPLICATE_DATABASE, "database \"" + name + "\" already exists")
                .withHint("Restore it under another name: WITH new_db_name = '...'.");
    }

    static boolean databaseExists(Connection connection, String name) throws SQLException {
        return Sql.first(connection, "select from pg_catalog.pg_database where datname = ?", row -> true, name)
                .isPresent();
    }

    // ---- tables ----

    private static List<TablesPlan> planTables(
            RestoreRequest request, RestorePoint point, Connection connection) throws SQLException {
        var descriptors = request.tables().isEmpty() ? List.<DatabaseDescriptor>of() : point.databases();
        var chosen = new LinkedHashMap<DatabaseDescriptor, List<TableTarget>>();
        for (var pattern : request.tables()) {
            var found = resolve(pattern, request, descriptors);
            chosen.computeIfAbsent(found.descriptor(), d -> new ArrayList<>()).add(found.target());
        }
        var plans = new ArrayList<TablesPlan>();
        var names = new HashSet<List<String>>();
        for (var entry : chosen.entrySet()) {
            var descriptor = entry.getKey();
            var schema = SchemaSelection.select(descriptor.schema(), SchemaSelection.named(entry.getValue()));
            var database = request.intoDatabase().orElse(descriptor.name());
            if (!databaseExists(connection, database)) {
                throw HoldfastException.of(
                        SqlState.INVALID_CATALOG_NAME,
                        "a database named \"" + database + "\" needs to exist to restore table \"" + firstRelation(schema) + "\"");
            }
            for (var object : schema.objects()) {
                // Tables of two databases may meet in the one they are restored into.
                if (SchemaSelection.isRelation(object.kind()) && !names.add(List.of(database, object.schema(), object.name()))) {
                    throw HoldfastException.of(SqlState.DUPLICATE_TABLE, "relation \"" + object.name() + "\" already exists")
                            .withDetail("The statement restores two of that name into database \"" + database + "\".");
                }
            }
            plans.add(new TablesPlan(
                    descriptor, RowSources.of(point, descriptor, schema), schema, database, names(request, entry.getValue().getFirst())));
        }
        return plans;
    }

    private static NewNames names(RestoreRequest request, TableTarget target) {
        return request.newTable().isEmpty()
                ? NewNames.NONE
                : new NewNames(target.schema(), target.name(), request.newTable().get().schema(), request.newTable().get().name());
    }

    private static String firstRelation(DatabaseSchema schema) {
        return schema.objects().stream()
                .filter(object -> SchemaSelection.isRelation(object.kind()))
                .findFirst()
                .orElseThrow()
                .name();
    }

    private record Found(DatabaseDescriptor descriptor, TableTarget target) {}

    /** The places a name may mean, in order; the first one that holds something wins. */
    private static Found resolve(RestoreRequest.TablePattern pattern, RestoreRequest request, List<DatabaseDescriptor> descriptors) {
        var candidates = new ArrayList<TableTarget>();
        var name = pattern.name().orElse(null);
        var qualifiers = pattern.qualifiers();
        switch (qualifiers.size()) {
            case 0 -> {
                if (name == null) {
                    candidates.add(target(request.sessionDatabase(), null, null));
                }
                request.schemas().forEach(schema -> candidates.add(target(request.sessionDatabase(), schema, name)));
                candidates.add(target(request.sessionDatabase(), "public", name));
            }
            case 1 -> {
                candidates.add(target(request.sessionDatabase(), qualifiers.getFirst(), name));
                candidates.add(target(qualifiers.getFirst(), name == null ? null : "public", name));
            }
            default -> candidates.add(target(qualifiers.getFirst(), qualifiers.get(1), name));
        }
        for (var candidate : candidates) {
            Optional<DatabaseDescriptor> descriptor =
                    descriptors.stream().filter(d -> d.name().equals(candidate.database())).findFirst();
            if (descriptor.isPresent()
                    && descriptor.get().schema().objects().stream().anyMatch(SchemaSelection.named(List.of(candidate)))) {
                return new Found(descriptor.get(), candidate);
            }
        }
        throw unresolved(
                name == null
                        ? "no tables or databases matched the given targets: " + pattern
                        : "table \"" + pattern + "\" does not exist, or invalid RESTORE timestamp: supplied backups do not cover"
                                + " requested time");
    }

    private static TableTarget target(String database, String schema, String name) {
        return new TableTarget(database, schema, name);
    }

    private static HoldfastException unresolved(String reason) {
        return HoldfastException.of(SqlState.UNCATEGORIZED, UNRESOLVED + reason);
    }
}
