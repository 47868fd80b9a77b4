package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.Extension;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Extensions are created as a whole: their members are not listed, and what needs a member needs the extension. */
final class Extensions {
    /** An extension's table whose rows are the user's, all or those of a WHERE clause. */
    record ConfigurationTable(Node extension, long oid, String condition) {}

    private record Found(Node node, String name, String schema, String version) {}

    private final List<Found> found = new ArrayList<>();
    private final Map<Long, Node> byOid = new HashMap<>();
    final List<ConfigurationTable> configurationTables = new ArrayList<>();

    static Extensions read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var extensions = new Extensions();
        session.each(
                """
                select x.tableoid, x.oid, extname, nspname, extversion, extconfig::bigint[] as tables,
                       extcondition as conditions
                from pg_extension x join pg_namespace n on n.oid = extnamespace
                order by extname
                """,
                row -> extensions.add(row, drafts));
        session.each(
                "select classid, objid, refobjid from pg_depend where refclassid = 'pg_extension'::regclass and deptype = 'e'",
                row -> {
                    var node = extensions.byOid.get(row.number("refobjid"));
                    if (node != null) {
                        drafts.standsFor(node, new ObjectAddress(row.number("classid"), row.number("objid")));
                    }
                });
        return extensions;
    }

    private void add(Row row, Drafts drafts) throws SQLException {
        var name = row.text("extname");
        var schema = row.text("nspname");
        Node node = null;
        // What initdb created is in every database, of whatever version fits it.
        if (row.number("oid") >= Filters.FIRST_USER_OID) {
            var identity = "EXTENSION " + Quoting.identifier(name);
            // IF NOT EXISTS: it may have been put into template1, or come along with another one.
            node = drafts.add(ObjectKind.EXTENSION, row, null, name, identity)
                    .statement("CREATE EXTENSION IF NOT EXISTS " + Quoting.identifier(name) + " WITH SCHEMA "
                            + Quoting.identifier(schema))
                    .describedAs(row.address(), identity)
                    .node;
            byOid.put(row.number("oid"), node);
            var tables = row.numbers("tables");
            var conditions = row.texts("conditions");
            for (int i = 0; i < tables.size(); i++) {
                var condition = conditions.get(i);
                configurationTables.add(
                        new ConfigurationTable(node, tables.get(i), condition.isBlank() ? null : condition));
            }
        }
        found.add(new Found(node, name, schema, row.text("extversion")));
    }

    /** For an SQL list. */
    String configurationOids() {
        return configurationTables.stream().map(table -> Long.toString(table.oid)).distinct().collect(Collectors.joining(", "));
    }

    Node creatorOf(long configurationTable) {
        return configurationTables.stream()
                .filter(table -> table.oid == configurationTable)
                .findFirst()
                .orElseThrow()
                .extension;
    }

    List<Extension> list(Map<Node, Integer> ids) {
        return found.stream()
                .map(e -> new Extension(e.node == null ? -1 : ids.get(e.node), e.name, e.schema, e.version))
                .toList();
    }
}
