package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.backup.SchemaSelection;
import dev.holdfast.engine.collection.Chain;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.LayerAudit;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.SystemDatabase;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.Detail;
import dev.holdfast.sqlfront.statement.Statement.ShowBackup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One row per object of every layer of the backup. */
final class ShowBackupExecutor implements StatementExecutor<ShowBackup> {
    private static final List<Column> COLUMNS = List.of(
            Column.text("database_name"),
            Column.text("parent_schema_name"),
            Column.text("object_name"),
            Column.text("object_type"),
            Column.text("backup_type"),
            Column.timestamp("start_time"),
            Column.timestamp("end_time"),
            Column.int8("size_bytes"),
            Column.int8("rows"),
            Column.bool("is_full_cluster"),
            Column.text("regions"));

    private static final List<Column> VALIDATION = List.of(Column.text("validation_status"));

    private final Storages storages;
    private final EncryptionOptions encryption;

    ShowBackupExecutor(Storages storages, EncryptionOptions encryption) {
        this.storages = storages;
        this.encryption = encryption;
    }

    private static Options options(ShowBackup statement) {
        return Options.check("SHOW BACKUP", statement.options(), EncryptionOptions.with("check_files", IncrementalLocation.OPTION));
    }

    @Override
    public List<Column> columns(ShowBackup statement) {
        boolean checkFiles = options(statement).flag("check_files");
        if (statement.detail() == Detail.VALIDATE) {
            return VALIDATION;
        }
        var columns = new ArrayList<>(COLUMNS);
        if (statement.detail() == Detail.SCHEMAS) {
            columns.add(Column.text("create_statement"));
        }
        if (checkFiles) {
            columns.add(Column.int8("file_bytes"));
        }
        return columns;
    }

    @Override
    public Result execute(ShowBackup statement, Parameters parameters, SessionFacts session, Signals signals) throws IOException {
        Authorization.requireAdmin(session, "show backups");
        var uri = storages.bind(parameters.text(statement.uris().getFirst()), session.user());
        var increments = IncrementalLocation.of(options(statement), statement.uris().size(), parameters, session, storages);
        try (var collection = Collection.open(storages, increments.of(uri))) {
            var path = collection.resolve(parameters.text(statement.subdirectory()));
            var key = encryption.find(options(statement), parameters, collection.existing(path));
            var chain = encryption.open(collection, key).chain(path);
            if (statement.detail() == Detail.VALIDATE) {
                return validation(chain, signals);
            }
            boolean checkFiles = options(statement).flag("check_files");
            var rows = new ArrayList<Object[]>();
            for (var link : chain.links()) {
                var fileBytes = checkFiles ? audit(link, signals).fileBytes() : null;
                for (var database : link.layer().readDescriptors(link.manifest())) {
                    addRows(rows, database, link.manifest(), statement.detail() == Detail.SCHEMAS, fileBytes);
                }
            }
            return Result.rows("SHOW BACKUP", rows);
        }
    }

    private static LayerAudit audit(Chain.Link link, Signals signals) {
        return new LayerAudit(link.layer(), link.manifest(), signals::checkCancelled);
    }

    /** Reads all of it back. Damage is a finding here, not an error. */
    private static Result validation(Chain chain, Signals signals) throws IOException {
        var text = new StringBuilder();
        boolean sound = true;
        for (var link : chain.links()) {
            text.append("Validating backup in ").append(link.layer().uri()).append('\n');
            var problems = audit(link, signals).problems();
            problems.forEach(problem -> text.append("ERROR: ").append(problem).append('\n'));
            text.append("Read ").append(link.manifest().entryCounts().rows()).append(" rows in ")
                    .append(link.manifest().databases().size()).append(" databases\n");
            sound &= problems.isEmpty();
        }
        try {
            chain.requireWhole(chain.links().size());
            chain.requireNewest();
        } catch (HoldfastException e) {
            text.append("ERROR: ").append(e.getMessage()).append('\n');
            sound = false;
        }
        text.append(sound ? "No problems found!\n" : "ERROR: validation failed\n");
        return Result.row("SHOW BACKUP", text.toString());
    }

    private static void addRows(
            List<Object[]> rows, DatabaseDescriptor database, Manifest manifest, boolean schemas, Map<LayerAudit.Table, Long> fileBytes) {
        var name = database.name();
        rows.add(with(fileBytes, null, row(null, null, name, "database", null, manifest, null, schemas)));
        if (!name.equals(SystemDatabase.NAME)) {
            // Every database is born with it, so no backup has to create it.
            rows.add(with(fileBytes, null, row(name, null, "public", "schema", null, manifest, null, schemas)));
        }
        for (var object : database.schema().objects()) {
            var type = type(object.kind());
            boolean listed = type != null && !(object.kind() == ObjectKind.SCHEMA && object.name().equals("public"));
            if (listed) {
                rows.add(with(fileBytes, type.equals("table") ? new LayerAudit.Table(database.index(), object.id()) : null, row(
                        name,
                        object.schema(),
                        object.name(),
                        type,
                        type.equals("table") ? counts(database, object) : null,
                        manifest,
                        schemas && type.equals("table") ? createStatement(database, object) : null,
                        schemas)));
            }
        }
    }

    /** One more column where files were checked; {@code table} is null for what has no rows. */
    private static Object[] with(Map<LayerAudit.Table, Long> fileBytes, LayerAudit.Table table, Object[] row) {
        if (fileBytes == null) {
            return row;
        }
        var longer = Arrays.copyOf(row, row.length + 1);
        longer[row.length] = table == null ? null : fileBytes.getOrDefault(table, 0L);
        return longer;
    }

    private static Manifest.EntryCounts counts(DatabaseDescriptor database, SchemaObject object) {
        return database.counts().getOrDefault(object.id(), Manifest.EntryCounts.NONE);
    }

    /** CockroachDB's words; what it has no word for is not listed. */
    private static String type(ObjectKind kind) {
        if (SchemaSelection.isRelation(kind)) {
            return "table";
        }
        return switch (kind) {
            case SCHEMA -> "schema";
            case TYPE, DOMAIN -> "type";
            case FUNCTION, PROCEDURE, AGGREGATE -> "function";
            default -> null;
        };
    }

    private static Object[] row(
            String database,
            String schema,
            String name,
            String type,
            Manifest.EntryCounts counts,
            Manifest manifest,
            String createStatement,
            boolean schemas) {
        var row = new ArrayList<Object>();
        row.add(database);
        row.add(schema);
        row.add(name);
        row.add(type);
        row.add(manifest.isFull() ? "full" : "incremental");
        row.add(manifest.startTime().orElse(null));
        row.add(manifest.endTime());
        row.add(counts == null ? null : counts.dataSize());
        row.add(counts == null ? null : counts.rows());
        row.add(manifest.fullCluster());
        row.add(null);
        if (schemas) {
            row.add(createStatement);
        }
        return row.toArray();
    }

    /** The table with its defaults, keys and indexes; foreign keys only to tables that are in the backup too. */
    private static String createStatement(DatabaseDescriptor database, SchemaObject table) {
        var ids = database.schema().objects().stream().map(SchemaObject::id).collect(Collectors.toSet());
        return database.schema().objects().stream()
                .filter(object -> object.id() == table.id() || belongsTo(object, table) && ids.containsAll(object.dependsOn()))
                .flatMap(object -> object.statements().stream())
                .filter(statement -> !statement.startsWith("COMMENT "))
                .map(statement -> statement + ";")
                .collect(Collectors.joining("\n"));
    }

    private static boolean belongsTo(SchemaObject object, SchemaObject table) {
        return table.name().equals(object.table())
                && table.schema().equals(object.schema())
                && switch (object.kind()) {
                    case COLUMN_DEFAULT, CONSTRAINT, INDEX, FOREIGN_KEY, SEQUENCE -> true;
                    default -> false;
                };
    }
}
