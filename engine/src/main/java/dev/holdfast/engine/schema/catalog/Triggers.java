package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Map;

/** Triggers on tables and views, and event triggers. */
final class Triggers {
    private static final Map<Character, String> STATES =
            Map.of('D', " DISABLE", 'O', " ENABLE", 'R', " ENABLE REPLICA", 'A', " ENABLE ALWAYS");

    private Triggers() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        session.each(
                """
                select t.tableoid, t.oid, t.tgname, t.tgrelid, t.tgenabled, t.tgparentid <> 0 as from_parent,
                       pg_get_triggerdef(t.oid) as definition
                from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
                left join pg_trigger p on p.oid = t.tgparentid
                where not t.tgisinternal and (t.tgparentid = 0 or t.tgenabled <> p.tgenabled) and
                """
                        // Internal ones enforce constraints and come with them, under names made of OIDs.
                        + Filters.own("pg_class", "c.oid", "n.nspname") + " order by t.oid",
                row -> {
                    var table = relations.listed(row.number("tgrelid"));
                    if (table != null) {
                        add(drafts, table, row);
                    }
                });
    }

    private static void add(Drafts drafts, Relation table, Row row) throws SQLException, SchemaChangedException {
        var name = Quoting.identifier(row.text("tgname"));
        var identity = "TRIGGER " + name + " ON " + table.quoted;
        var state = table.alter() + STATES.get(row.letter("tgenabled")) + " TRIGGER " + name;
        var statements = new ArrayList<String>();
        if (row.flag("from_parent")) {
            // The parent's trigger made it; only that it is enabled differently has to be said.
            statements.add(state);
        } else {
            statements.add(row.definition("definition"));
            if (row.letter("tgenabled") != 'O') {
                statements.add(state);
            }
        }
        var draft = drafts.add(ObjectKind.TRIGGER, row, table.schema, row.text("tgname"), identity)
                .of(table.name)
                .statements(() -> statements)
                .describedAs(row.address(), identity)
                .mayDependOnExtension(row.address(), identity);
        draft.node.tieBreak(table.name);
        draft.node.dependsOn(table.draft.node);
    }

    static void readEventTriggers(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select e.tableoid, e.oid, evtname, quote_ident(evtevent) as event, evtenabled, pg_get_userbyid(evtowner) as owner,
                       evtfoid::regproc::text as function,
                       array_to_string(array(select quote_literal(tag) from unnest(evttags) t(tag)), ', ') as tags
                from pg_event_trigger e join pg_proc p on p.oid = evtfoid join pg_namespace n on n.oid = p.pronamespace
                where (n.nspname ~ '^pg_' or n.nspname = 'information_schema' or %s) and %s
                """
                        .formatted(Filters.userSchema("n.nspname"), Filters.notInExtension("pg_event_trigger", "e.oid")),
                row -> {
                    var name = Quoting.identifier(row.text("evtname"));
                    var identity = "EVENT TRIGGER " + name;
                    var tags = row.text("tags");
                    var statements = new ArrayList<String>();
                    statements.add("CREATE " + identity + " ON " + row.text("event")
                            + (tags == null || tags.isEmpty() ? "" : " WHEN TAG IN (" + tags + ")")
                            + " EXECUTE FUNCTION " + row.text("function") + "()");
                    if (row.letter("evtenabled") != 'O') {
                        statements.add("ALTER " + identity + STATES.get(row.letter("evtenabled")));
                    }
                    drafts.add(ObjectKind.EVENT_TRIGGER, row, null, row.text("evtname"), identity)
                            .statements(() -> statements)
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity);
                });
    }
}
