package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.LargeObjects;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Owners, grants and comments of large objects, grouped: there may be very many, nearly all alike. */
final class LargeObjectCatalog {
    private LargeObjectCatalog() {}

    static List<LargeObjects> read(Session session, Descriptions descriptions) throws SQLException, SchemaChangedException {
        var groups = new ArrayList<LargeObjects>();
        session.each(
                """
                select pg_get_userbyid(lomowner) as owner, lomacl::text[] as acl, acldefault('L', lomowner)::text[] as default_acl,
                       array_agg(oid::bigint order by oid) as oids
                from pg_largeobject_metadata group by lomowner, lomacl::text[] order by 1, 2
                """,
                row -> {
                    var oids = row.numbers("oids");
                    var subject = new Acl.Subject("LARGE OBJECT", row.text("owner"));
                    var acl = row.texts("acl");
                    groups.add(new LargeObjects(
                            row.text("owner"),
                            acl == null ? List.of() : Acl.changes(Acl.parse(row.texts("default_acl")), Acl.parse(acl), subject),
                            oids,
                            descriptions.largeObjectComments(oids),
                            descriptions.largeObjectLabels(oids)));
                });
        return groups;
    }
}
