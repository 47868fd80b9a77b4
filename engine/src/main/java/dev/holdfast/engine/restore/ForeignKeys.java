package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A foreign key to a table that is in use is added without a look at the rows, for which a moment's lock is enough, and then
 * validated, which locks nobody out.
 */
final class ForeignKeys {
    private static final String UNCHECKED = " NOT VALID";

    private ForeignKeys() {}

    /** {@code restored} are the objects of this restore, {@code schema} what they were chosen from. */
    static SchemaObject inTwoSteps(SchemaObject object, List<SchemaObject> restored, DatabaseSchema schema) {
        if (object.kind() != ObjectKind.FOREIGN_KEY || object.statements().isEmpty()) {
            return object;
        }
        var ids = new HashSet<Integer>();
        restored.forEach(r -> ids.add(r.id()));
        boolean toLiveTable = !ids.containsAll(object.dependsOn());
        var first = object.statements().getFirst();
        // A foreign key of a partitioned table cannot be left unchecked before PostgreSQL 18, nor one that is so already.
        boolean divisible = !first.endsWith(UNCHECKED) && !first.endsWith(" NOT ENFORCED") && hasRows(object, schema);
        if (!toLiveTable || !divisible) {
            return object;
        }
        var statements = new ArrayList<String>();
        statements.add(first + UNCHECKED);
        statements.add("ALTER TABLE ONLY " + quoted(object.schema()) + "." + quoted(object.table()) + " VALIDATE CONSTRAINT "
                + quoted(object.name()));
        statements.addAll(object.statements().subList(1, object.statements().size()));
        return new SchemaObject(
                object.id(),
                object.kind(),
                object.schema(),
                object.name(),
                object.table(),
                object.identity(),
                object.section(),
                object.oid(),
                object.owner(),
                object.ownerTarget(),
                object.tablespace(),
                statements,
                object.optional(),
                object.roles(),
                object.roleClause(),
                object.grants(),
                object.dependsOn());
    }

    private static boolean hasRows(SchemaObject foreignKey, DatabaseSchema schema) {
        return schema.tables().stream().anyMatch(table -> table.name().equals(foreignKey.table()));
    }

    private static String quoted(String name) {
        return Sql.identifier(name);
    }
}
