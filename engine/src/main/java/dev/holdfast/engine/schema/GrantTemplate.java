package dev.holdfast.engine.schema;

import java.util.List;

/** A {@link Grant} whose object gets its name later: a database restored under a new name, one of many large objects. */
public record GrantTemplate(String before, String after, List<String> roles, String grantor) {
    public Grant on(String target) {
        return new Grant(before + " " + target + after, roles, grantor);
    }

    /** Default privileges are about a kind of objects, and name none. */
    public Grant onNothing() {
        return new Grant(before + after, roles, grantor);
    }
}
