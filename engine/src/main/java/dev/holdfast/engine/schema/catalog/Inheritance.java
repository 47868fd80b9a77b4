package dev.holdfast.engine.schema.catalog;

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
}
