package dev.holdfast.engine.restore;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaObject;
import java.nio.charset.StandardCharsets;

/**
 * What a table is called that is restored under another name, and what hangs on it: {@code old_pkey} becomes {@code new_pkey}, and
 * a name that does not begin with the table's gets the new one in front.
 */
record NewNames(String oldSchema, String oldName, String newSchema, String newName) {
    /** Everything keeps its name. */
    static final NewNames NONE = new NewNames(null, null, null, null);

    private static final int LONGEST = 63;

    boolean any() {
        return newName != null;
    }

    /** Where an object of this schema comes to be. */
    String schema(String schema) {
        return any() ? newSchema : schema;
    }

    String name(String name) {
        if (!any()) {
            return name;
        }
        if (name.equals(oldName)) {
            return newName;
        }
        return shortened(name.startsWith(oldName + "_") ? newName + name.substring(oldName.length()) : newName + "_" + name);
    }

    /**
     * A copy beside the original does not take part in foreign keys: rows of the past may refer to what is gone, and a row that is
     * deleted now must not be held by them.
     */
    boolean leavesOut(SchemaObject object) {
        return any() && object.kind() == ObjectKind.FOREIGN_KEY;
    }

    private static String shortened(String name) {
        var shorter = name;
        while (shorter.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            shorter = shorter.substring(0, shorter.offsetByCodePoints(shorter.length(), -1));
        }
        return shorter;
    }
}
