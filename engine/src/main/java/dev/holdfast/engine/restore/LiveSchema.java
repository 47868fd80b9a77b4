package dev.holdfast.engine.restore;

import dev.holdfast.engine.backup.SchemaSelection;
import dev.holdfast.engine.collection.DatabaseDescriptor.Absent;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the database that tables are restored into has already. */
final class LiveSchema {
    private final DatabaseSchema schema;
    private final Set<String> schemas = new HashSet<>(Set.of("public", "pg_catalog"));
    private final Map<List<String>, SchemaObject> relations = new HashMap<>();
    private final Map<List<String>, SchemaObject> types = new HashMap<>();
    private final Set<String> identities = new HashSet<>();

    LiveSchema(DatabaseSchema schema) {
        this.schema = schema;
        for (var object : schema.objects()) {
            identities.add(object.identity());
            switch (object.kind()) {
                case SCHEMA -> schemas.add(object.name());
                case TABLE, FOREIGN_TABLE, VIEW, MATERIALIZED_VIEW, SEQUENCE, INDEX ->
                    relations.put(List.of(object.schema(), object.name()), object);
                case CONSTRAINT -> relations.putIfAbsent(List.of(object.schema(), object.name()), object);
                case TYPE, DOMAIN, SHELL_TYPE, COLLATION -> types.put(List.of(object.schema(), object.name()), object);
                default -> {
                    // Nothing that a restored table could collide with.
                }
            }
        }
    }

    boolean hasSchema(String name) {
        return schemas.contains(name);
    }

    void requireExtension(SchemaObject extension, String database) {
        boolean present = schema.extensions().stream().anyMatch(e -> e.name().equals(extension.name()));
        if (!present) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "extension \"" + extension.name() + "\" needs to exist in database \"" + database
                                    + "\" to restore what uses it")
                    .withHint("CREATE EXTENSION " + extension.name() + "; there.");
        }
    }

    /** Whether the type is there, and is the same: then it is used, and not restored. */
    boolean reuses(SchemaObject type) {
        var live = types.get(List.of(type.schema(), type.name()));
        if (live == null) {
            return false;
        }
        var same = live.kind() == type.kind() && live.statements().getFirst().equals(type.statements().getFirst());
        if (!same) {
            throw HoldfastException.of(
                            SqlState.UNCATEGORIZED,
                            "\"" + type.name() + "\" is not compatible with type \"" + live.name()
                                    + "\" existing in cluster: their definitions differ")
                    .withDetail("In the backup: " + type.statements().getFirst() + "\nIn the database: "
                            + live.statements().getFirst());
        }
        return true;
    }

    void requireFree(List<SchemaObject> objects, NewNames names) {
        for (var object : objects) {
            boolean named = SchemaSelection.isRelation(object.kind()) || object.kind() == ObjectKind.INDEX;
            var name = names.name(object.name());
            if (named && relations.containsKey(List.of(names.schema(object.schema()), name))) {
                throw HoldfastException.of(SqlState.DUPLICATE_TABLE, "relation \"" + name + "\" already exists")
                        .withHint("Restore into another database: WITH into_db = '...'.");
            }
        }
    }

    /** What is needed and comes neither from the backup nor from the database. */
    void requireNeeds(List<SchemaObject> objects, RestorePlan.TablesPlan plan) {
        var restored = new HashSet<Integer>();
        plan.schema().objects().forEach(object -> restored.add(object.id()));
        var known = new HashMap<Integer, Absent>();
        plan.descriptor().absent().forEach(absent -> known.put(absent.id(), absent));
        plan.descriptor().schema().objects().forEach(object -> known.put(object.id(), SchemaSelection.absent(object)));
        for (var object : objects) {
            for (int id : object.dependsOn()) {
                var needed = known.get(id);
                if (!restored.contains(id) && needed != null && !has(needed)) {
                    throw missing(object, needed);
                }
            }
        }
    }

    private boolean has(Absent needed) {
        return identities.contains(needed.identity())
                || needed.schema() != null && relations.containsKey(List.of(needed.schema(), needed.name()));
    }

    private static HoldfastException missing(SchemaObject object, Absent needed) {
        var table = object.table() == null ? object.name() : object.table();
        var message =
                switch (object.kind()) {
                    case VIEW, MATERIALIZED_VIEW, VIEW_DEFINITION ->
                        "cannot restore view \"" + table + "\" without restoring referenced table (or \"skip_missing_views\" option)";
                    case SEQUENCE ->
                        "cannot restore sequence \"" + table + "\" without referenced owner table " + needed.oid()
                                + " (or \"skip_missing_sequence_owners\" option)";
                    default -> "cannot restore table \"" + table + "\" without referenced " + reference(needed);
                };
        return HoldfastException.of(SqlState.UNCATEGORIZED, message)
                .withDetail("It needs " + needed.kind().words() + " " + needed.identity() + ".");
    }

    private static String reference(Absent needed) {
        return switch (needed.kind()) {
            case TABLE, CONSTRAINT, INDEX -> "table " + needed.oid() + " (or \"skip_missing_foreign_keys\" option)";
            case SEQUENCE -> "sequence " + needed.oid() + " (or \"skip_missing_sequences\" option)";
            case FUNCTION, PROCEDURE, AGGREGATE -> "function " + needed.oid() + " (or \"skip_missing_udfs\" option)";
            case TYPE, DOMAIN, SHELL_TYPE -> "type " + needed.oid();
            default -> needed.kind().words() + " " + needed.oid();
        };
    }
}
