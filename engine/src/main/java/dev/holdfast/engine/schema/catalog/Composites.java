package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stand-alone composite types. Their attributes hang on a pg_class entry, and so do the attributes' dependencies and comments. */
final class Composites {
    private record Attribute(int number, String name, String definition) {}

    private Composites() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        Map<Long, List<Attribute>> attributes = new HashMap<>();
        session.each(
                """
                select a.attrelid, a.attnum, a.attname, quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                       || case when a.attcollation <> y.typcollation
                               then ' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname) else '' end
                       as definition
                from pg_class c
                join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                join pg_type y on y.oid = a.atttypid
                left join pg_collation l on l.oid = a.attcollation
                left join pg_namespace ln on ln.oid = l.collnamespace
                where c.relkind = 'c'
                order by a.attrelid, a.attnum
                """,
                row -> attributes
                        .computeIfAbsent(row.number("attrelid"), type -> new ArrayList<>())
                        .add(new Attribute(row.integer("attnum"), row.text("attname"), row.definition("definition"))));
        session.each(
                Types.SELECT + ", c.tableoid as class_catalog, c.oid as class_oid" + Types.FROM
                        + "join pg_class c on c.oid = t.typrelid and c.relkind = 'c'" + Types.WHERE + "t.typtype = 'c'",
                row -> {
                    var draft = Types.add(drafts, row, ObjectKind.TYPE);
                    var name = Quoting.qualified(row.text("nspname"), row.text("typname"));
                    var classAddress = new ObjectAddress(row.number("class_catalog"), row.number("class_oid"));
                    drafts.addImplicit(ObjectKind.TABLE, classAddress, row.text("nspname"), row.text("typname"));
                    var own = attributes.getOrDefault(classAddress.oid(), List.of());
                    draft.statement("CREATE " + draft.identity + " AS ("
                            + String.join(",", own.stream().map(a -> "\n    " + a.definition).toList()) + "\n)");
                    for (var attribute : own) {
                        draft.describedAs(
                                classAddress, attribute.number, "COLUMN " + name + "." + Quoting.identifier(attribute.name));
                    }
                });
    }
}
