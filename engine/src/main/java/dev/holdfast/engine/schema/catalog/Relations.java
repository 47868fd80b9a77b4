package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What pg_class holds: tables, views, materialized views, foreign tables, sequences. Columns and keys come from elsewhere. */
final class Relations {
    private static final Map<Character, ObjectKind> KINDS = Map.of(
            'r', ObjectKind.TABLE,
            'p', ObjectKind.TABLE,
            'f', ObjectKind.FOREIGN_TABLE,
            'v', ObjectKind.VIEW,
            'm', ObjectKind.MATERIALIZED_VIEW,
            'S', ObjectKind.SEQUENCE);

    private final Map<Long, Relation> byOid = new LinkedHashMap<>();

    private Relations() {}

    static Relations read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var relations = new Relations();
        session.each(
                """
                with listed as materialized (
                    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S') and %s),
                read as (select oid from listed union
                         select i.inhparent from pg_inherits i join listed on listed.oid = i.inhrelid)
                select c.tableoid, c.oid, listed.oid is not null as listed, n.nspname, c.relname, c.relkind,
                       pg_get_userbyid(c.relowner) as owner, c.relpersistence, c.relispopulated, c.relreplident, c.relrowsecurity,
                       c.relforcerowsecurity, c.relispartition, a.amname, s.spcname,
                       case when c.reloftype <> 0 then format_type(c.reloftype, null) end as of_type,
                       array_remove(array_remove(c.reloptions, 'check_option=local'), 'check_option=cascaded') as options,
                       case when 'check_option=local' = any (c.reloptions) then 'LOCAL'
                            when 'check_option=cascaded' = any (c.reloptions) then 'CASCADED' end as check_option,
                       t.reloptions as toast_options,
                       case when c.relkind = 'p' and listed.oid is not null then pg_get_partkeydef(c.oid) end as partition_key,
                       case when c.relispartition and listed.oid is not null then pg_get_expr(c.relpartbound, c.oid) end as bound,
                       case when c.relkind in ('v', 'm') and listed.oid is not null then pg_get_viewdef(c.oid) end as query,
                       quote_ident(fs.srvname) as server, %s as server_options,
                       d.refobjid as owner_table, d.refobjsubid as owner_column, d.deptype = 'i' as identity_sequence
                from read join pg_class c on c.oid = read.oid join pg_namespace n on n.oid = c.relnamespace
                left join listed on listed.oid = c.oid
                left join pg_am a on a.oid = c.relam
                left join pg_tablespace s on s.oid = c.reltablespace
                left join pg_class t on t.oid = c.reltoastrelid and t.relkind = 't'
                left join pg_foreign_table f on f.ftrelid = c.oid left join pg_foreign_server fs on fs.oid = f.ftserver
                left join pg_depend d on c.relkind = 'S' and d.classid = 'pg_class'::regclass and d.objid = c.oid
                     and d.objsubid = 0 and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                order by c.oid
                """
                        .formatted(
                                Filters.own("pg_class", "c.oid", "n.nspname"), Filters.options("f.ftoptions")),
                row -> relations.add(row, drafts));
        relations.readDeclaredIdentities(session);
        session.each("select inhrelid, inhparent from pg_inherits order by inhrelid, inhseqno", row -> {
            var child = relations.byOid.get(row.number("inhrelid"));
            var parent = relations.byOid.get(row.number("inhparent"));
            if (child != null && parent != null && child.draft != null) {
                child.parents.add(parent);
            }
        });
        return relations;
    }

    Iterable<Relation> listed() {
        return byOid.values().stream().filter(r -> r.draft != null).toList();
    }

    /** Null for what is not read. */
    Relation get(long oid) {
        return byOid.get(oid);
    }

    /** Null for what is not listed. */
    Relation listed(long oid) {
        var relation = byOid.get(oid);
        return relation == null || relation.draft == null ? null : relation;
    }

    private void readDeclaredIdentities(Session session) throws SQLException, SchemaChangedException {
        boolean[] kept = new boolean[1];
        session.each(
                "select to_regclass('holdfast.identities') is not null as kept", row -> kept[0] = row.flag("kept"));
        if (kept[0]) {
            session.each("select table_oid, identity, index_oid from holdfast.identities", row -> {
                var relation = byOid.get(row.number("table_oid"));
                if (relation != null && relation.fullIdentity) {
                    relation.replicaIdentity = row.letter("identity");
                    relation.identityIndex = row.number("index_oid");
                }
            });
        }
    }

    private void add(Row row, Drafts drafts) throws SQLException, SchemaChangedException {
        var relation = new Relation();
        relation.oid = row.number("oid");
        relation.kind = row.letter("relkind");
        relation.schema = row.text("nspname");
        relation.name = row.text("relname");
        relation.quoted = Quoting.qualified(relation.schema, relation.name);
        relation.unlogged = row.letter("relpersistence") == 'u';
        relation.populated = row.flag("relispopulated");
        relation.replicaIdentity = row.letter("relreplident");
        relation.fullIdentity = relation.kind == 'r' && relation.replicaIdentity == 'f' && !relation.unlogged;
        relation.rowSecurity = row.flag("relrowsecurity");
        relation.forcedRowSecurity = row.flag("relforcerowsecurity");
        relation.partition = row.flag("relispartition");
        relation.accessMethod = row.text("amname");
        relation.ofType = row.text("of_type");
        relation.options = options(row.texts("options"), row.texts("toast_options"));
        relation.checkOption = row.text("check_option");
        relation.server = row.text("server");
        relation.serverOptions = row.text("server_options");
        relation.ownerTable = row.number("owner_table");
        relation.ownerColumn = row.integer("owner_column");
        relation.identitySequence = row.flag("identity_sequence");
        byOid.put(relation.oid, relation);
        if (!row.flag("listed")) {
            return;
        }
        if (relation.kind == 'p') {
            relation.partitionKey = row.definition("partition_key");
        }
        if (relation.partition) {
            relation.partitionBound = row.definition("bound");
        }
        if (relation.isView()) {
            relation.query = query(row.definition("query"));
        }
        draft(relation, row, drafts);
    }

    private static void draft(Relation relation, Row row, Drafts drafts) throws SQLException {
        var kind = KINDS.get(relation.kind);
        var draft = drafts.addNamed(kind, row, relation.schema, relation.name, kind.name().replace('_', ' '));
        draft.owner(row.text("owner")).describedAs(row.address(), draft.identity);
        if (relation.identitySequence) {
            // It goes with its table.
            draft.ownerTarget = null;
        }
        if (relation.kind == 'm') {
            draft.mayDependOnExtension(row.address(), draft.identity);
        }
        draft.tablespace = row.text("spcname");
        relation.draft = draft;
        if (relation.rowSecurity) {
            var security = drafts.add(
                            ObjectKind.ROW_SECURITY, (ObjectAddress) null, relation.schema, relation.name, draft.identity)
                    .of(relation.name)
                    .statement(relation.alter() + " ENABLE ROW LEVEL SECURITY");
            security.node.dependsOn(draft.node);
        }
    }

    /** A view that was dropped since the snapshot has an empty definition. */
    private static String query(String definition) throws SchemaChangedException {
        if (!definition.endsWith(";")) {
            throw new SchemaChangedException("a view was dropped while its definition was read");
        }
        return definition.substring(0, definition.length() - 1);
    }

    /** Storage parameters from their catalog form {@code name=value}. */
    static String options(List<String> own, List<String> toast) {
        var text = new StringBuilder();
        append(text, "", own);
        append(text, "toast.", toast);
        return text.toString();
    }

    private static void append(StringBuilder text, String prefix, List<String> options) {
        if (options != null) {
            for (var option : options) {
                int equals = option.indexOf('=');
                text.append(text.isEmpty() ? "" : ", ").append(prefix).append(Quoting.identifier(option.substring(0, equals)));
                text.append('=').append(Quoting.literal(option.substring(equals + 1)));
            }
        }
    }
}
