package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Base, shell and enum types, and the types that come with something else; composites, domains and ranges stand apart. */
final class Types {
    /** Common start of the queries for types with DDL of their own. */
    static final String SELECT = "select t.tableoid, t.oid, n.nspname, t.typname, pg_get_userbyid(t.typowner) as owner";
    static final String FROM = " from pg_type t join pg_namespace n on n.oid = t.typnamespace ";
    static final String WHERE = " where " + Filters.own("pg_type", "t.oid", "n.nspname") + " and ";

    private static final Map<Character, String> ALIGNMENT = Map.of('c', "char", 's', "int2", 'i', "int4", 'd', "double");

    private Types() {}

    static Draft add(Drafts drafts, Row row, ObjectKind kind) throws SQLException {
        var draft = drafts.addNamed(kind, row, row.text("nspname"), row.text("typname"), kind.name());
        return draft.owner(row.text("owner")).describedAs(row.address(), draft.identity);
    }

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        readImplicit(session, drafts);
        session.each(
                SELECT
                        + """
                        , typlen, typbyval, typalign, typstorage, typcategory, typispreferred, typdelim,
                        typinput::text as input, typoutput::text as output, typreceive::text as receive, typsend::text as send,
                        typmodin::text as typmod_in, typmodout::text as typmod_out, typanalyze::text as analyze,
                        typsubscript::text as subscript, typcollation <> 0 as collatable,
                        pg_get_expr(typdefaultbin, 0) as default_expression, typdefault,
                        case when typelem <> 0 then format_type(typelem, null) end as element
                        """
                        + FROM + WHERE + "t.typtype = 'b' and not " + IS_ARRAY,
                row -> {
                    var draft = add(drafts, row, ObjectKind.TYPE).statement(createBase(row));
                    addShell(drafts, draft);
                });
        session.each(SELECT + FROM + WHERE + "t.typtype = 'p' and not t.typisdefined", row -> {
            var draft = add(drafts, row, ObjectKind.TYPE);
            draft.statement("CREATE " + draft.identity);
        });
        readEnums(session, drafts);
    }

    private static final String IS_ARRAY =
            "(t.typelem <> 0 and exists (select from pg_type e where e.oid = t.typelem and e.typarray = t.oid))";

    /** Row types of relations, array types and multirange types: nothing creates them but they lead to what does. */
    private static void readImplicit(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                "select t.tableoid, t.oid, n.nspname, t.typname " + FROM
                        + "left join pg_class c on c.oid = t.typrelid where t.oid >= " + Filters.FIRST_USER_OID + " and "
                        + Filters.notInExtension("pg_type", "t.oid")
                        + " and (c.relkind <> 'c' or t.typtype = 'm' or " + IS_ARRAY + ")",
                row -> drafts.addImplicit(ObjectKind.TYPE, row.address(), row.text("nspname"), row.text("typname")));
    }

    /** The empty shell of a type whose functions have to exist before it and take or return it. */
    static void addShell(Drafts drafts, Draft type) {
        var shell = drafts.add(ObjectKind.SHELL_TYPE, (ObjectAddress) null, type.node.schema(), type.node.name(), type.identity)
                .statement("CREATE " + type.identity);
        type.node.shell(shell.node);
    }

    private static String createBase(Row row) throws SQLException {
        var sql = new StringBuilder("CREATE TYPE ")
                .append(Quoting.qualified(row.text("nspname"), row.text("typname")))
                .append(" (\n    INTERNALLENGTH = ")
                .append(row.integer("typlen") == -1 ? "variable" : row.text("typlen"));
        for (var function : List.of("input", "output", "receive", "send", "typmod_in", "typmod_out", "analyze", "subscript")) {
            if (!row.text(function).equals("-")) {
                sql.append(",\n    ").append(function.toUpperCase(Locale.ROOT)).append(" = ").append(row.text(function));
            }
        }
        if (row.flag("collatable")) {
            sql.append(",\n    COLLATABLE = true");
        }
        if (row.text("default_expression") != null) {
            sql.append(",\n    DEFAULT = ").append(row.text("default_expression"));
        } else if (row.text("typdefault") != null) {
            sql.append(",\n    DEFAULT = ").append(Quoting.literal(row.text("typdefault")));
        }
        if (row.text("element") != null) {
            sql.append(",\n    ELEMENT = ").append(row.text("element"));
        }
        if (row.letter("typcategory") != 'U') {
            sql.append(",\n    CATEGORY = ").append(Quoting.literal(row.text("typcategory")));
        }
        if (row.flag("typispreferred")) {
            sql.append(",\n    PREFERRED = true");
        }
        if (!row.text("typdelim").equals(",")) {
            sql.append(",\n    DELIMITER = ").append(Quoting.literal(row.text("typdelim")));
        }
        sql.append(",\n    ALIGNMENT = ").append(ALIGNMENT.get(row.letter("typalign")));
        sql.append(",\n    STORAGE = ").append(Columns.STORAGE.get(row.letter("typstorage")));
        if (row.flag("typbyval")) {
            sql.append(",\n    PASSEDBYVALUE");
        }
        return sql.append("\n)").toString();
    }

    private static void readEnums(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        var labels = new HashMap<Long, List<String>>();
        session.each("select enumtypid, enumlabel from pg_enum order by enumtypid, enumsortorder", row -> labels.computeIfAbsent(
                        row.number("enumtypid"), type -> new ArrayList<>())
                .add("\n    " + Quoting.literal(row.text("enumlabel"))));
        session.each(SELECT + FROM + WHERE + "t.typtype = 'e'", row -> {
            var draft = add(drafts, row, ObjectKind.TYPE);
            draft.statement("CREATE " + draft.identity + " AS ENUM ("
                    + String.join(",", labels.getOrDefault(row.number("oid"), List.of())) + "\n)");
        });
    }
}
