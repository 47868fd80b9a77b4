package dev.holdfast.engine.schema.catalog;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a table inherits must not be declared again, or it would become the table's own and stay when the parent drops it; and
 * what it overrides must be declared even where it looks like nothing.
 */
final class Inheritance {
    private Inheritance() {}

    static void apply(Session session, Drafts drafts, Relation relation) {
        if (relation.parents.isEmpty()) {
            return;
        }
        for (var column : relation.columns) {
            boolean parentNotNull = false;
            boolean parentNotNullValid = false;
            boolean parentDefault = false;
            boolean sameGenerated = false;
            boolean otherGenerated = false;
            for (var parent : relation.parents) {
                var inherited = parent.column(column.name);
                if (inherited == null) {
                    continue;
                }
                parentNotNull |= inherited.notNull;
                parentNotNullValid |= inherited.notNull && !inherited.notNullInvalid;
                parentDefault |= inherited.expression != null && !inherited.expression.equals("NULL") && !inherited.isGenerated();
                if (inherited.isGenerated()) {
                    boolean same = inherited.expression != null && inherited.expression.equals(column.expression);
                    sameGenerated |= same;
                    otherGenerated |= !same;
                }
            }
            if (session.since(18)) {
                // A child's may be valid while the parents' are not: then it does not come from them.
                column.notNullLocal |= !parentNotNullValid;
            } else if (parentNotNull) {
                // Older catalogs do not tell; a parent's would be inherited anyway.
                column.notNullLocal = false;
            }
            if (parentDefault && column.defaultDraft == null) {
                // The child dropped its default; without saying so it would get the parent's again.
                column.expression = "NULL";
                Columns.addDefault(drafts, relation, column, null);
            }
            column.expressionInherited = sameGenerated && !otherGenerated && !relation.partition;
        }
    }

    /**
     * INHERITS puts the parents' columns first, in their order. A table that was made to inherit by ALTER TABLE may have another
     * order. It can be created in the same way if it declares all it inherits itself, else only the flags that say so could be
     * kept or the order, and the flags decide what happens to the columns later.
     */
    static boolean needsOwnOrder(Session session, Relation relation) {
        if (relation.parents.isEmpty() || relation.partition || relation.ofType != null) {
            return false;
        }
        var merged = new LinkedHashSet<String>();
        relation.parents.forEach(parent -> parent.columns.forEach(column -> merged.add(column.name)));
        relation.columns.forEach(column -> merged.add(column.name));
        var own = relation.columns.stream().map(column -> column.name).toList();
        return !List.copyOf(merged).equals(own)
                && relation.columns.stream().allMatch(column ->
                        column.local && (!column.notNull || column.notNullLocal || !session.since(18)));
    }
}
