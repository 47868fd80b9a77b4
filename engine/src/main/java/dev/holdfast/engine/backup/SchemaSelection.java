package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.collection.DatabaseDescriptor.Absent;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The part of a schema that belongs to chosen tables, views and sequences: what hangs on them (columns' defaults, keys,
 * indexes, triggers, policies), partitions of a partitioned table, sequences that their columns own, and of what they need
 * the schemas, types, collations and extensions. Not the views on them, not the tables their foreign keys refer to, not
 * functions.
 */
public final class SchemaSelection {
    private final DatabaseSchema schema;
    /** Not everything that objects depend on is there: the schema may be part of another one already. */
    private final Map<Integer, SchemaObject> byId = new HashMap<>();
    private final Set<Integer> selected = new HashSet<>();

    private SchemaSelection(DatabaseSchema schema) {
        this.schema = schema;
        schema.objects().forEach(object -> byId.put(object.id(), object));
    }

    /** Whether an object is a relation that a target names, or is among all those that it stands for. */
    public static Predicate<SchemaObject> named(List<TableTarget> targets) {
        return object -> isRelation(object.kind())
                && targets.stream()
                        .anyMatch(target -> (target.schema() == null || target.schema().equals(object.schema()))
                                && (target.name() == null || target.name().equals(object.name())));
    }

    public static boolean isRelation(ObjectKind kind) {
        return switch (kind) {
            case TABLE, FOREIGN_TABLE, VIEW, MATERIALIZED_VIEW, SEQUENCE -> true;
            default -> false;
        };
    }

    public static DatabaseSchema select(DatabaseSchema schema, Predicate<SchemaObject> roots) {
        return new SchemaSelection(schema).select(roots);
    }

    private DatabaseSchema select(Predicate<SchemaObject> roots) {
        schema.objects().stream().filter(roots).forEach(object -> selected.add(object.id()));
        addPartitions();
        addMembers();
        addNeeds();
        var tables = schema.tables().stream()
                .filter(table -> selected.contains(table.objectId()) && !table.extensionTable())
                .toList();
        return new DatabaseSchema(
                schema.serverVersion(),
                schema.properties(),
                schema.objects().stream().filter(object -> selected.contains(object.id())).toList(),
                tables,
                schema.sequences().stream().filter(sequence -> selected.contains(sequence.objectId())).toList(),
                schema.extensions().stream().filter(extension -> selected.contains(extension.objectId())).toList(),
                List.of(),
                schema.remarks());
    }

    /** ATTACH PARTITION depends on parent and partition: with the parent come the partition and, below it, its own. */
    private void addPartitions() {
        boolean grown = true;
        while (grown) {
            grown = false;
            for (var object : schema.objects()) {
                if (object.kind() == ObjectKind.PARTITION && !selected.contains(object.id())) {
                    boolean ofSelected = object.dependsOn().stream()
                            .map(byId::get)
                            .filter(Objects::nonNull)
                            .anyMatch(table -> selected.contains(table.id()) && !isPartition(table, object));
                    if (ofSelected) {
                        selected.add(object.id());
                        object.dependsOn().stream()
                                .filter(id -> byId.containsKey(id) && isRelation(byId.get(id).kind()))
                                .forEach(selected::add);
                        grown = true;
                    }
                }
            }
        }
    }

    private static boolean isPartition(SchemaObject table, SchemaObject attachment) {
        return table.name().equals(attachment.name()) && table.schema().equals(attachment.schema());
    }

    /** What belongs to a selected table, and the sequences its columns own. */
    private void addMembers() {
        var names = new HashSet<List<String>>();
        for (var object : schema.objects()) {
            if (selected.contains(object.id()) && isRelation(object.kind())) {
                names.add(List.of(object.schema(), object.name()));
            }
        }
        for (var object : schema.objects()) {
            boolean member = object.table() != null && object.schema() != null && names.contains(List.of(object.schema(), object.table()));
            if (member && isMember(object)) {
                selected.add(object.id());
                if (object.kind() == ObjectKind.SEQUENCE_OWNED_BY) {
                    object.dependsOn().stream()
                            .filter(id -> byId.containsKey(id) && byId.get(id).kind() == ObjectKind.SEQUENCE)
                            .forEach(selected::add);
                }
            }
        }
    }

    /** A publication's list of tables is the publication's. A partition's attachment comes with the parent only. */
    private static boolean isMember(SchemaObject object) {
        return switch (object.kind()) {
            case PUBLICATION_TABLE, PUBLICATION_SCHEMA, PARTITION, INDEX_PARTITION -> false;
            default -> true;
        };
    }

    private void addNeeds() {
        var open = new ArrayDeque<>(selected);
        while (!open.isEmpty()) {
            for (int id : byId.get(open.poll()).dependsOn()) {
                var needed = byId.get(id);
                if (needed != null && !selected.contains(id) && isBroughtAlong(needed.kind())) {
                    selected.add(id);
                    open.add(id);
                }
            }
        }
        // Index attachments need both indexes: those whose indexes are all here come along.
        for (var object : schema.objects()) {
            if (object.kind() == ObjectKind.INDEX_PARTITION && selected.containsAll(object.dependsOn())) {
                selected.add(object.id());
            }
        }
    }

    private static boolean isBroughtAlong(ObjectKind kind) {
        return switch (kind) {
            case SCHEMA, EXTENSION, SHELL_TYPE, TYPE, DOMAIN, COLLATION -> true;
            default -> false;
        };
    }

    public static Absent absent(SchemaObject object) {
        return new Absent(object.id(), object.kind(), object.oid(), object.schema(), object.name(), object.identity());
    }

    /** What the objects of a selected part depend on and is not in it. */
    public static List<Absent> absent(DatabaseSchema part, DatabaseSchema whole) {
        var present = new HashSet<Integer>();
        part.objects().forEach(object -> present.add(object.id()));
        var byId = new HashMap<Integer, SchemaObject>();
        whole.objects().forEach(object -> byId.put(object.id(), object));
        var absent = new ArrayList<Absent>();
        for (var object : part.objects()) {
            for (int id : object.dependsOn()) {
                if (present.add(id)) {
                    var needed = byId.get(id);
                    absent.add(absent(needed));
                }
            }
        }
        return absent;
    }
}
