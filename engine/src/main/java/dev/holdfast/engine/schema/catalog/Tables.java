package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.util.ArrayList;
import java.util.List;

/** DDL of tables: ordinary, partitioned, typed and foreign ones. */
final class Tables {
    private Tables() {}

    static void define(Drafts drafts, Relations relations) {
        for (var relation : relations.listed()) {
            if (relation.kind == 'r' || relation.kind == 'p' || relation.kind == 'f') {
                relation.draft.statements(() -> statements(relation));
                relation.draft.optional.addAll(Columns.compression(relation));
                if (relation.partition) {
                    attach(drafts, relation);
                }
            }
        }
    }

    /** Created as a table of its own and attached, a partition keeps the order of its columns, and can be restored alone. */
    private static void attach(Drafts drafts, Relation partition) {
        var parent = partition.parents.getFirst();
        var draft = drafts.add(
                        ObjectKind.PARTITION, (ObjectAddress) null, partition.schema, partition.name, "TABLE " + partition.quoted)
                .of(partition.name)
                .statement("ALTER TABLE ONLY " + parent.quoted + " ATTACH PARTITION " + partition.quoted + " "
                        + partition.partitionBound);
        draft.node.dependsOn(partition.draft.node);
        if (parent.draft != null) {
            draft.node.dependsOn(parent.draft.node);
        }
    }

    private static List<String> statements(Relation relation) {
        var statements = new ArrayList<String>();
        statements.add(create(relation));
        if (relation.inheritsLater) {
            relation.parents.forEach(parent -> statements.add(relation.alterOnly() + " INHERIT " + parent.quoted));
        }
        statements.addAll(Columns.properties(relation));
        statements.addAll(alterations(relation));
        return statements;
    }

    /** What holds for materialized views, too. */
    static List<String> alterations(Relation relation) {
        var statements = new ArrayList<String>();
        // A foreign table has none, which its catalog row says as NOTHING.
        if (relation.replicaIdentity == 'n' && relation.kind != 'f') {
            statements.add(relation.alterOnly() + " REPLICA IDENTITY NOTHING");
        } else if (relation.replicaIdentity == 'f') {
            statements.add(relation.alterOnly() + " REPLICA IDENTITY FULL");
        }
        if (relation.forcedRowSecurity) {
            statements.add(relation.alterOnly() + " FORCE ROW LEVEL SECURITY");
        }
        return statements;
    }

    private static String create(Relation relation) {
        // A partitioned table holds no rows; since 18 it can no longer be declared unlogged.
        var sql = new StringBuilder("CREATE ").append(relation.unlogged && relation.kind != 'p' ? "UNLOGGED " : "");
        sql.append(relation.kind == 'f' ? "FOREIGN TABLE " : "TABLE ").append(relation.quoted);
        if (relation.ofType != null) {
            sql.append(" OF ").append(relation.ofType);
        }
        var elements = elements(relation);
        if (!elements.isEmpty() || relation.ofType == null) {
            sql.append(" (").append(elements.isEmpty() ? "" : "\n    ").append(String.join(",\n    ", elements)).append("\n)");
        }
        if (!relation.parents.isEmpty() && !relation.partition && !relation.inheritsLater) {
            var parents = relation.parents.stream().map(parent -> parent.quoted).toList();
            sql.append("\nINHERITS (").append(String.join(", ", parents)).append(')');
        }
        if (relation.partitionKey != null) {
            sql.append("\nPARTITION BY ").append(relation.partitionKey);
        }
        if (relation.server != null) {
            sql.append("\nSERVER ").append(relation.server);
            if (relation.serverOptions != null && !relation.serverOptions.isEmpty()) {
                sql.append(" OPTIONS (").append(relation.serverOptions).append(')');
            }
        }
        return sql.append(storage(relation)).toString();
    }

    /** heap is what a restore sets as the default. */
    static String storage(Relation relation) {
        var method = relation.accessMethod == null || relation.accessMethod.equals("heap")
                ? ""
                : "\nUSING " + Quoting.identifier(relation.accessMethod);
        return method + (relation.options.isEmpty() ? "" : "\nWITH (" + relation.options + ")");
    }

    private static List<String> elements(Relation relation) {
        var elements = new ArrayList<String>();
        for (var column : relation.columns) {
            boolean notNull = column.notNull && (column.notNullLocal || relation.partition || relation.inheritsLater);
            if (relation.declares(column)) {
                declare(relation, column, notNull, elements);
            } else if (notNull) {
                // The column comes from a parent, the constraint does not.
                elements.add(name(column) + "NOT NULL " + column.quoted + noInherit(column));
            }
        }
        for (var check : relation.checks) {
            if (!check.node.isListed()) {
                elements.add(check.inlineText);
            }
        }
        return elements;
    }

    private static void declare(Relation relation, Column column, boolean notNull, List<String> elements) {
        var draft = column.defaultDraft;
        boolean hasDefault = draft != null && !draft.node.isListed()
                && (!column.expressionInherited || relation.inheritsLater);
        if (relation.ofType != null && !hasDefault && !notNull) {
            return;
        }
        var sql = new StringBuilder(column.quoted);
        if (relation.ofType == null) {
            sql.append(' ').append(column.type);
        }
        if (column.collation != null && relation.ofType == null) {
            sql.append(" COLLATE ").append(column.collation);
        }
        if (hasDefault) {
            sql.append(switch (column.generated) {
                case 's' -> " GENERATED ALWAYS AS (" + column.expression + ") STORED";
                case 'v' -> " GENERATED ALWAYS AS (" + column.expression + ") VIRTUAL";
                default -> " DEFAULT " + column.expression;
            });
        }
        if (notNull) {
            sql.append(' ').append(name(column)).append("NOT NULL").append(noInherit(column));
        }
        elements.add(sql.toString());
    }

    private static String name(Column column) {
        return column.notNullName == null ? "" : "CONSTRAINT " + column.notNullName + " ";
    }

    private static String noInherit(Column column) {
        return column.notNullNoInherit ? " NO INHERIT" : "";
    }
}
