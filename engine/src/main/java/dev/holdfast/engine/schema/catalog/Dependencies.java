package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What pg_depend says. It knows columns, we do not: a dependency on a column is one on its table. */
final class Dependencies {
    private static final Set<ObjectKind> RELATIONS = EnumSet.of(
            ObjectKind.TABLE, ObjectKind.FOREIGN_TABLE, ObjectKind.VIEW, ObjectKind.MATERIALIZED_VIEW, ObjectKind.SEQUENCE);

    private final Map<ObjectAddress, List<String>> extensions = new HashMap<>();

    static Dependencies read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var dependencies = new Dependencies();
        session.each(
                """
                select classid, objid, refclassid, refobjid, deptype from pg_depend
                where deptype <> 'e' and objid >= %1$d and (refobjid >= %1$d or refclassid = 'pg_namespace'::regclass)
                union all
                -- Members of operator families and classes are no objects of their own: what they need the family needs. Their
                -- internal dependencies lead to their own class, which needs the family.
                select 'pg_opfamily'::regclass, amopfamily, refclassid, refobjid, deptype
                from pg_depend join pg_amop o on o.oid = objid
                where classid = 'pg_amop'::regclass and deptype not in ('e', 'i') and refobjid >= %1$d
                and not (refclassid = 'pg_opfamily'::regclass and refobjid = amopfamily)
                union all
                select 'pg_opfamily'::regclass, amprocfamily, refclassid, refobjid, deptype
                from pg_depend join pg_amproc p on p.oid = objid
                where classid = 'pg_amproc'::regclass and deptype not in ('e', 'i') and refobjid >= %1$d
                and not (refclassid = 'pg_opfamily'::regclass and refobjid = amprocfamily)
                order by 1, 2, 3, 4
                """
                        .formatted(Filters.FIRST_USER_OID),
                row -> {
                    var node = drafts.own(new ObjectAddress(row.number("classid"), row.number("objid")));
                    var needed = drafts.creator(new ObjectAddress(row.number("refclassid"), row.number("refobjid")));
                    if (node != null && needed != null) {
                        add(node, needed, row.letter("deptype"));
                    }
                });
        session.each(
                """
                select classid, objid, extname from pg_depend join pg_extension x on x.oid = refobjid
                where refclassid = 'pg_extension'::regclass and deptype = 'x' order by extname
                """,
                row -> dependencies.extensions
                        .computeIfAbsent(
                                new ObjectAddress(row.number("classid"), row.number("objid")), address -> new ArrayList<>())
                        .add(row.text("extname")));
        return dependencies;
    }

    private static void add(Node node, Node needed, char type) {
        // For a composite type pg_depend says that its pg_class entry needs the type, which is right for DROP. But the attributes
        // hang on that entry, and the type cannot be created before what they need.
        if (type == 'i' && RELATIONS.contains(node.kind()) && needed.kind() == ObjectKind.TYPE) {
            needed.dependsOn(node);
        } else {
            node.dependsOn(needed);
        }
    }

    /** ALTER ... DEPENDS ON EXTENSION. */
    List<String> statements(Draft draft) {
        var statements = new ArrayList<String>();
        for (var dependency : draft.extensionDependencies) {
            extensions.getOrDefault(dependency.address(), List.of()).forEach(extension -> statements.add(
                    "ALTER " + dependency.target() + " DEPENDS ON EXTENSION " + Quoting.identifier(extension)));
        }
        return statements;
    }
}
