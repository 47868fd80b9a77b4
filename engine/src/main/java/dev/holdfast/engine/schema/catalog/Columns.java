package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The columns of relations, with their defaults. */
final class Columns {
    static final Map<Character, String> STORAGE = Map.of('p', "PLAIN", 'e', "EXTERNAL", 'x', "EXTENDED", 'm', "MAIN");
    private static final Map<Character, String> COMPRESSION = Map.of('p', "pglz", 'l', "lz4");

    private Columns() {}

    static void read(Session session, Drafts drafts, Relations relations) throws SQLException, SchemaChangedException {
        var notNull18 =
                """
                , co.oid as not_null_oid, quote_ident(co.conname) as not_null_name, co.convalidated as not_null_valid,
                co.connoinherit as not_null_no_inherit, co.conislocal as not_null_local
                """;
        var join18 =
                " left join pg_constraint co on co.conrelid = a.attrelid and co.contype = 'n' and co.conkey = array[a.attnum] ";
        session.each(
                """
                select a.attrelid, a.attnum, a.attname, a.atttypid,
                       format_type(a.atttypid, a.atttypmod) as type, a.attislocal, a.attidentity, a.attgenerated, a.attstorage,
                       y.typstorage, a.attcompression, coalesce(a.attstattarget, -1) as statistics_target, a.attnotnull,
                       array_to_string(a.attoptions, ', ') as options, %s as foreign_options,
                       case when a.attcollation <> y.typcollation
                            then quote_ident(ln.nspname) || '.' || quote_ident(l.collname) end as collation,
                       ad.tableoid as default_catalog, ad.oid as default_oid, pg_get_expr(ad.adbin, ad.adrelid) as expression
                       %s
                from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                join pg_type y on y.oid = a.atttypid
                join pg_namespace n on n.oid = c.relnamespace
                left join pg_collation l on l.oid = a.attcollation and a.attcollation <> y.typcollation
                left join pg_namespace ln on ln.oid = l.collnamespace
                left join pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum and a.atthasdef
                %s
                where c.relkind in ('r', 'p', 'f', 'v', 'm')
                and (%s or exists (select from pg_inherits i where i.inhparent = c.oid))
                order by a.attrelid, a.attnum
                """
                        .formatted(
                                Filters.options("a.attfdwoptions"),
                                session.since(18, notNull18, ""),
                                session.since(18, join18, ""),
                                Filters.userSchema("n.nspname")),
                row -> {
                    var relation = relations.get(row.number("attrelid"));
                    if (relation != null) {
                        add(session, drafts, relation, row);
                    }
                });
        for (var relation : relations.listed()) {
            Inheritance.apply(session, drafts, relation);
            relation.inheritsLater = Inheritance.needsOwnOrder(session, relation);
        }
    }

    private static void add(Session session, Drafts drafts, Relation relation, Row row)
            throws SQLException, SchemaChangedException {
        var column = new Column();
        column.number = row.integer("attnum");
        column.name = row.text("attname");
        column.quoted = Quoting.identifier(column.name);
        column.typeOid = row.number("atttypid");
        column.type = row.text("type");
        column.collation = row.text("collation");
        column.local = row.flag("attislocal");
        column.identity = row.letter("attidentity");
        column.generated = row.letter("attgenerated");
        column.storage = row.letter("attstorage");
        column.typeStorage = row.letter("typstorage");
        column.compression = row.letter("attcompression");
        column.statisticsTarget = row.integer("statistics_target");
        column.options = row.text("options");
        column.foreignOptions = row.text("foreign_options");
        if (session.since(18)) {
            column.notNullInvalid = row.number("not_null_oid") != 0 && !row.flag("not_null_valid");
            column.notNull = row.number("not_null_oid") != 0 && !column.notNullInvalid;
            column.notNullName = row.text("not_null_name");
            column.notNullNoInherit = row.flag("not_null_no_inherit");
            column.notNullLocal = row.flag("not_null_local");
        } else {
            column.notNull = row.flag("attnotnull");
            column.notNullLocal = true;
        }
        relation.columns.add(column);
        boolean hasDefault = row.number("default_oid") != 0;
        column.expression = hasDefault ? row.definition("expression") : null;
        if (relation.draft != null) {
            var target = "COLUMN " + relation.quoted + "." + column.quoted;
            relation.draft.describedAs(new ObjectAddress(Catalogs.PG_CLASS, relation.oid), column.number, target);
            if (column.notNull && column.notNullName != null) {
                relation.draft.describedAs(
                        new ObjectAddress(Catalogs.PG_CONSTRAINT, row.number("not_null_oid")),
                        "CONSTRAINT " + column.notNullName + " ON " + relation.quoted);
            }
            if (hasDefault) {
                var address = new ObjectAddress(row.number("default_catalog"), row.number("default_oid"));
                addDefault(drafts, relation, column, address);
            }
        }
    }

    /** {@code address} is null for a default that no catalog row stands for. */
    static void addDefault(Drafts drafts, Relation relation, Column column, ObjectAddress address) {
        var draft = drafts.add(
                        ObjectKind.COLUMN_DEFAULT, address, relation.schema, column.name,
                        "COLUMN " + relation.quoted + "." + column.quoted)
                .of(relation.name)
                .statement(relation.alterOnly() + " ALTER COLUMN " + column.quoted + " SET DEFAULT " + column.expression);
        draft.node.tieBreak(relation.name);
        column.defaultDraft = draft;
        if (column.isGenerated()) {
            relation.draft.inlinePart(draft);
            draft.node.inseparable();
        } else if (relation.kind == 'v' || !relation.declares(column)) {
            draft.node.separatePartOf(relation.draft.node);
        } else {
            relation.draft.inlinePart(draft);
        }
    }

    /** What CREATE TABLE has no syntax for. */
    static List<String> properties(Relation relation) {
        var statements = new ArrayList<String>();
        for (var column : relation.columns) {
            var alter = relation.alterOnly() + " ALTER COLUMN " + column.quoted;
            if (column.statisticsTarget >= 0) {
                statements.add(alter + " SET STATISTICS " + column.statisticsTarget);
            }
            if (column.storage != column.typeStorage) {
                statements.add(alter + " SET STORAGE " + STORAGE.get(column.storage));
            }
            if (column.options != null && !column.options.isEmpty()) {
                statements.add(alter + " SET (" + column.options + ")");
            }
            if (relation.kind == 'f' && column.foreignOptions != null && !column.foreignOptions.isEmpty()) {
                statements.add(alter + " OPTIONS (" + column.foreignOptions + ")");
            }
        }
        return statements;
    }

    /** Optional, because a server need not have lz4 built in. */
    static List<String> compression(Relation relation) {
        return relation.columns.stream()
                .filter(column -> COMPRESSION.containsKey(column.compression))
                .map(column -> relation.alterOnly() + " ALTER COLUMN " + column.quoted + " SET COMPRESSION "
                        + COMPRESSION.get(column.compression))
                .toList();
    }
}
