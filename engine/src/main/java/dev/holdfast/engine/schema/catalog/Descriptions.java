package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Comments and security labels. */
final class Descriptions {
    private static final long PG_LARGEOBJECT = 2613;

    private record Key(long catalog, long oid, int part) {}

    private record Label(String provider, String text) {}

    private final Map<Key, String> comments = new HashMap<>();
    private final Map<Key, List<Label>> labels = new HashMap<>();

    static Descriptions read(Session session) throws SQLException, SchemaChangedException {
        var descriptions = new Descriptions();
        // The public schema is the one thing from initdb whose comment is the user's.
        session.each(
                "select classoid, objoid, objsubid, description from pg_description where objoid >= " + Filters.FIRST_USER_OID
                        + " or classoid = 'pg_namespace'::regclass",
                row -> descriptions.comments.put(key(row), row.text("description")));
        session.each(
                "select classoid, objoid, objsubid, provider, label from pg_seclabel order by provider",
                row -> descriptions.labels
                        .computeIfAbsent(key(row), k -> new ArrayList<>())
                        .add(new Label(row.text("provider"), row.text("label"))));
        return descriptions;
    }

    private static Key key(Row row) throws SQLException {
        return new Key(row.number("classoid"), row.number("objoid"), row.integer("objsubid"));
    }

    List<String> commentStatements(Draft draft) {
        var statements = new ArrayList<String>();
        for (var described : draft.descriptions) {
            var comment = comments.get(new Key(described.address().catalog(), described.address().oid(), described.part()));
            var standard = described.standardComment();
            if (comment != null && !comment.equals(standard)) {
                statements.add("COMMENT ON " + described.target() + " IS " + Quoting.literal(comment));
            } else if (comment == null && standard != null) {
                statements.add("COMMENT ON " + described.target() + " IS NULL");
            }
        }
        return statements;
    }

    List<String> labelStatements(Draft draft) {
        var statements = new ArrayList<String>();
        for (var described : draft.descriptions) {
            var key = new Key(described.address().catalog(), described.address().oid(), described.part());
            labels.getOrDefault(key, List.of()).forEach(label -> statements.add("SECURITY LABEL FOR "
                    + Quoting.identifier(label.provider) + " ON " + described.target() + " IS " + Quoting.literal(label.text)));
        }
        return statements;
    }

    /** Of large objects, by oid. */
    TreeMap<Long, String> largeObjectComments(List<Long> oids) {
        var found = new TreeMap<Long, String>();
        for (var oid : oids) {
            var comment = comments.get(new Key(PG_LARGEOBJECT, oid, 0));
            if (comment != null) {
                found.put(oid, comment);
            }
        }
        return found;
    }

    List<String> largeObjectLabels(List<Long> oids) {
        var statements = new ArrayList<String>();
        for (var oid : oids) {
            labels.getOrDefault(new Key(PG_LARGEOBJECT, oid, 0), List.of()).forEach(label -> statements.add("SECURITY LABEL FOR "
                    + Quoting.identifier(label.provider) + " ON LARGE OBJECT " + oid + " IS " + Quoting.literal(label.text)));
        }
        return statements;
    }
}
