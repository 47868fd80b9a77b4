package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Views, materialized views, and the rules of both and of tables. */
final class Views {
    private static final Map<Character, String> RULE_STATES =
            Map.of('A', " ENABLE ALWAYS RULE ", 'R', " ENABLE REPLICA RULE ", 'D', " DISABLE RULE ");

    private Views() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        session.each(
                """
                select r.tableoid, r.oid, r.rulename, quote_ident(r.rulename) as quoted, r.ev_class, r.ev_enabled,
                       r.ev_type = '1' and r.is_instead and c.relkind in ('v', 'm') as is_view,
                       case when not (r.ev_type = '1' and c.relkind in ('v', 'm')) then pg_get_ruledef(r.oid) end as definition
                from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace where
                """
                        + Filters.own("pg_class", "c.oid", "n.nspname") + " order by r.oid",
                row -> {
                    var relation = relations.listed(row.number("ev_class"));
                    if (relation == null) {
                        return;
                    }
                    if (row.flag("is_view")) {
                        addQuery(drafts, relation, row.address());
                    } else {
                        addRule(drafts, relation, row);
                    }
                });
    }

    private static void addQuery(Drafts drafts, Relation view, ObjectAddress address) {
        var query = drafts.add(
                        ObjectKind.VIEW_DEFINITION, address, view.schema, view.name, view.draft.identity)
                .of(view.name);
        view.draft.inlinePart(query);
        if (view.kind == 'm') {
            query.node.inseparable();
            view.draft.statements(() -> {
                var statements = new ArrayList<String>();
                statements.add("CREATE " + view.draft.identity + Tables.storage(view) + " AS\n" + view.query
                        + "\nWITH NO DATA");
                statements.addAll(Columns.properties(view));
                statements.addAll(Tables.alterations(view));
                return statements;
            });
            view.draft.optional.addAll(Columns.compression(view));
            return;
        }
        var definition = view.quoted + (view.options.isEmpty() ? "" : " WITH (" + view.options + ")") + " AS\n" + view.query
                + (view.checkOption == null ? "" : "\nWITH " + view.checkOption + " CHECK OPTION");
        query.statement("CREATE OR REPLACE VIEW " + definition);
        view.draft.statements(() -> List.of(
                query.node.isListed() ? "CREATE VIEW " + view.quoted + " AS\n" + emptyQuery(view) : "CREATE VIEW " + definition));
    }

    /** The view's columns with their types and collations, which CREATE OR REPLACE VIEW could not change any more. */
    private static String emptyQuery(Relation view) {
        return "SELECT"
                + String.join(",", view.columns.stream()
                        .map(column -> "\n    NULL::" + column.type
                                + (column.collation == null ? "" : " COLLATE " + column.collation) + " AS " + column.quoted)
                        .toList());
    }

    private static void addRule(Drafts drafts, Relation relation, Row row) throws SQLException, SchemaChangedException {
        var identity = "RULE " + row.text("quoted") + " ON " + relation.quoted;
        var statements = new ArrayList<String>();
        statements.add(withoutSemicolon(row.definition("definition")));
        var state = RULE_STATES.get(row.letter("ev_enabled"));
        if (state != null) {
            statements.add("ALTER TABLE " + relation.quoted + state + row.text("quoted"));
        }
        var draft = drafts.add(ObjectKind.RULE, row, relation.schema, row.text("rulename"), identity)
                .of(relation.name)
                .statements(() -> statements)
                .describedAs(row.address(), identity);
        draft.node.tieBreak(relation.name);
        draft.node.dependsOn(relation.draft.node);
    }

    private static String withoutSemicolon(String definition) {
        return definition.endsWith(";") ? definition.substring(0, definition.length() - 1) : definition;
    }

    /**
     * Filling materialized views comes last, each after the ones it reads, through whatever views. One that reads one that was
     * never filled cannot be filled.
     */
    static void addRefreshes(Drafts drafts, Relations relations) {
        var views = new HashMap<Node, Relation>();
        var refreshes = new HashMap<Node, Node>();
        for (var relation : relations.listed()) {
            if (relation.kind == 'm') {
                views.put(relation.draft.node, relation);
            }
        }
        for (var view : views.values()) {
            var read = readBy(view.draft.node, views);
            var unfilled = read.stream().filter(r -> !r.populated).findFirst();
            if (!view.populated) {
                continue;
            }
            if (unfilled.isPresent()) {
                drafts.graph.remarks().add("materialized view " + view.quoted + " will not be filled: it reads "
                        + unfilled.get().quoted + ", which is not");
                continue;
            }
            var refresh = drafts.add(
                            ObjectKind.REFRESH, (ObjectAddress) null, view.schema, view.name, view.draft.identity)
                    .of(view.name)
                    .statement("REFRESH " + view.draft.identity);
            refresh.node.dependsOn(view.draft.node);
            refreshes.put(view.draft.node, refresh.node);
        }
        refreshes.forEach((view, refresh) -> readBy(view, views).stream()
                .map(read -> refreshes.get(read.draft.node))
                .filter(other -> other != null)
                .forEach(refresh::dependsOn));
    }

    private static List<Relation> readBy(Node view, Map<Node, Relation> views) {
        var read = new ArrayList<Relation>();
        var seen = new HashSet<Node>();
        var open = new ArrayList<>(view.dependencies());
        while (!open.isEmpty()) {
            var node = open.removeLast();
            if (node == view || !seen.add(node)) {
                continue;
            }
            if (views.containsKey(node)) {
                read.add(views.get(node));
            }
            open.addAll(node.dependencies());
        }
        return read;
    }
}
