package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Publications and what they publish, and subscriptions. */
final class Replication {
    private static final long PG_PUBLICATION = 6104;
    private static final long PG_NAMESPACE = 2615;

    private Replication() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        readPublications(session, drafts);
        session.each(
                """
                select r.tableoid, r.oid, r.prpubid, r.prrelid, p.pubname, r.prqual is not null as has_filter,
                       pg_get_expr(r.prqual, r.prrelid) as filter,
                       case when r.prattrs is not null then
                           (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
                            where a.attrelid = r.prrelid and a.attnum = any (r.prattrs::int2[])) end as columns
                from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
                """,
                row -> {
                    var publication = drafts.own(new ObjectAddress(PG_PUBLICATION, row.number("prpubid")));
                    var table = relations.listed(row.number("prrelid"));
                    if (publication == null || table == null) {
                        return;
                    }
                    var draft = drafts.add(
                                    ObjectKind.PUBLICATION_TABLE, row, table.schema, table.name,
                                    "PUBLICATION " + Quoting.identifier(row.text("pubname")))
                            .of(table.name)
                            .statement("ALTER PUBLICATION " + Quoting.identifier(row.text("pubname")) + " ADD TABLE ONLY "
                                    + table.quoted + (row.text("columns") == null ? "" : " (" + row.text("columns") + ")")
                                    + (row.flag("has_filter") ? " WHERE (" + row.definition("filter") + ")" : ""));
                    draft.node.tieBreak(row.text("pubname"));
                });
        session.each(
                """
                select s.tableoid, s.oid, s.pnpubid, s.pnnspid, p.pubname, n.nspname from pg_publication_namespace s
                join pg_publication p on p.oid = s.pnpubid join pg_namespace n on n.oid = s.pnnspid
                """,
                row -> {
                    var publication = drafts.own(new ObjectAddress(PG_PUBLICATION, row.number("pnpubid")));
                    if (publication == null || drafts.creator(new ObjectAddress(PG_NAMESPACE, row.number("pnnspid"))) == null) {
                        return;
                    }
                    var identity = "PUBLICATION " + Quoting.identifier(row.text("pubname"));
                    var draft = drafts.add(ObjectKind.PUBLICATION_SCHEMA, row, null, row.text("nspname"), identity)
                            .statement("ALTER " + identity + " ADD TABLES IN SCHEMA " + Quoting.identifier(row.text("nspname")));
                    draft.node.tieBreak(row.text("pubname"));
                });
        readSubscriptions(session, drafts);
    }

    private static void readPublications(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                "select p.tableoid, p.oid, pubname, pg_get_userbyid(pubowner) as owner, puballtables, pubviaroot, "
                        + "concat_ws(', ', case when pubinsert then 'insert' end, case when pubupdate then 'update' end, "
                        + "case when pubdelete then 'delete' end, case when pubtruncate then 'truncate' end) as operations, "
                        + session.since(18, "pubgencols", "'n'") + " as generated from pg_publication p where "
                        + Filters.notInExtension("pg_publication", "p.oid"),
                row -> {
                    var identity = "PUBLICATION " + Quoting.identifier(row.text("pubname"));
                    drafts.add(ObjectKind.PUBLICATION, row, null, row.text("pubname"), identity)
                            .statement("CREATE " + identity + (row.flag("puballtables") ? " FOR ALL TABLES" : "")
                                    + " WITH (publish = " + Quoting.literal(row.text("operations"))
                                    + (row.flag("pubviaroot") ? ", publish_via_partition_root = true" : "")
                                    + (row.letter("generated") == 's' ? ", publish_generated_columns = stored" : "") + ")")
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity);
                });
    }

    /** Created without a connection and so disabled: the copy must not take the changes meant for the original. */
    private static void readSubscriptions(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var own = " from pg_subscription s where subdbid = (select oid from pg_database where datname = current_database()) and "
                + Filters.notInExtension("pg_subscription", "s.oid");
        var readable = new boolean[1];
        session.each(
                "select has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') as readable,"
                        + " (select count(*)" + own + ") as count",
                row -> {
                    readable[0] = row.flag("readable");
                    if (!readable[0] && row.number("count") > 0) {
                        drafts.graph.remarks().add("subscriptions are left out: only a superuser may read them");
                    }
                });
        if (!readable[0]) {
            return;
        }
        session.each(
                "select s.tableoid, s.oid, subname, pg_get_userbyid(subowner) as owner, subconninfo, subslotname, subsynccommit, "
                        + "array_to_string(array(select quote_ident(name)"
                        + " from unnest(subpublications) with ordinality u(name, place) order by place), ', ') as publications, "
                        + "subbinary, substream::text as stream, subtwophasestate, subdisableonerr, "
                        + session.since(16, "subpasswordrequired", "true") + " as password_required, "
                        + session.since(16, "subrunasowner", "false") + " as run_as_owner, "
                        + session.since(16, "suborigin", "'any'") + " as origin, "
                        + session.since(17, "subfailover", "false") + " as failover" + own,
                row -> {
                    var identity = "SUBSCRIPTION " + Quoting.identifier(row.text("subname"));
                    drafts.add(ObjectKind.SUBSCRIPTION, row, null, row.text("subname"), identity)
                            .statement("CREATE " + identity + " CONNECTION " + Quoting.literal(row.text("subconninfo"))
                                    + " PUBLICATION " + row.text("publications") + " WITH ("
                                    + String.join(", ", subscriptionOptions(row)) + ")")
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity);
                });
    }

    private static List<String> subscriptionOptions(Row row) throws SQLException {
        var options = new ArrayList<String>();
        options.add("connect = false");
        options.add("slot_name = " + (row.text("subslotname") == null ? "NONE" : Quoting.literal(row.text("subslotname"))));
        if (row.flag("subbinary")) {
            options.add("binary = true");
        }
        // A boolean up to 15; off has to be said because the default differs between versions.
        options.add("streaming = " + switch (row.text("stream")) {
            case "t", "true" -> "on";
            case "p" -> "parallel";
            default -> "off";
        });
        if (row.letter("subtwophasestate") != 'd') {
            options.add("two_phase = on");
        }
        if (row.flag("subdisableonerr")) {
            options.add("disable_on_error = true");
        }
        if (!row.flag("password_required")) {
            options.add("password_required = false");
        }
        if (row.flag("run_as_owner")) {
            options.add("run_as_owner = true");
        }
        if (row.flag("failover")) {
            options.add("failover = true");
        }
        if (!row.text("subsynccommit").equals("off")) {
            options.add("synchronous_commit = " + Quoting.identifier(row.text("subsynccommit")));
        }
        if (!row.text("origin").equals("any")) {
            options.add("origin = " + Quoting.identifier(row.text("origin")));
        }
        return options;
    }
}
