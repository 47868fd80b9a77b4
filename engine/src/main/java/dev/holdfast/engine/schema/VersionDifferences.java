package dev.holdfast.engine.schema;

import java.util.ArrayList;
import java.util.List;

/** What has to be said on a newer server and cannot be said on the one the backup comes from. */
final class VersionDifferences {
    private VersionDifferences() {}

    static List<String> statements(SchemaObject object, int source, int target) {
        if (object.kind() == ObjectKind.SUBSCRIPTION && source < 160000 && target >= 160000) {
            // Up to 15 changes were always applied as the subscription's owner.
            var statements = new ArrayList<>(object.statements());
            statements.add(1, "ALTER " + object.identity() + " SET (run_as_owner = true)");
            return statements;
        }
        return object.statements();
    }
}
