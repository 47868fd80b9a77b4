package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;

/** Schemas. Every database is born with {@code public}, so of that one only what differs from birth is restored. */
final class Schemas {
    private Schemas() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                "select n.tableoid, n.oid, nspname, pg_get_userbyid(nspowner) as owner from pg_namespace n where "
                        + Filters.own("pg_namespace", "n.oid", "nspname"),
                row -> {
                    var name = row.text("nspname");
                    var identity = "SCHEMA " + Quoting.identifier(name);
                    var draft = drafts.add(ObjectKind.SCHEMA, row, null, name, identity);
                    if (name.equals("public")) {
                        draft.describedAs(row.address(), identity, "standard public schema");
                        draft.owner = row.text("owner");
                        if (!draft.owner.equals("pg_database_owner")) {
                            draft.ownerTarget = identity;
                        }
                    } else {
                        draft.statement("CREATE SCHEMA " + Quoting.identifier(name))
                                .owner(row.text("owner"))
                                .describedAs(row.address(), identity);
                    }
                });
    }
}
