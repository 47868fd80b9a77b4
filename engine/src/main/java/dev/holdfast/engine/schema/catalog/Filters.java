package dev.holdfast.engine.schema.catalog;

/** Conditions that tell what belongs to a schema from what PostgreSQL, an extension or Holdfast brings by itself. */
final class Filters {
    /** The first OID that initdb does not give out. */
    static final long FIRST_USER_OID = 16384;

    private Filters() {}

    /** {@code name} is an SQL expression: a schema whose objects are listed. Temporary schemas start with pg_, too. */
    static String userSchema(String name) {
        return "(" + name + " !~ '^pg_' and " + name + " not in ('information_schema', 'holdfast') and " + name
                + " !~ '^holdfast_restore_')";
    }

    /** {@code oid} is an SQL expression: the object is no member of an extension. */
    static String notInExtension(String catalog, String oid) {
        return "not exists (select from pg_depend member where member.classid = 'pg_catalog." + catalog + "'::regclass"
                + " and member.objid = " + oid + " and member.deptype = 'e')";
    }

    static String own(String catalog, String oid, String schema) {
        return userSchema(schema) + " and " + notInExtension(catalog, oid);
    }

    /** What lives in no schema. */
    static String own(String catalog, String oid) {
        return oid + " >= " + FIRST_USER_OID + " and " + notInExtension(catalog, oid);
    }

    /** OPTIONS of foreign data wrappers and the like, ready to be put between parentheses; empty if there are none. */
    static String options(String column) {
        return "case when " + column + " is null then '' else array_to_string(array("
                + "select quote_ident(option_name) || ' ' || quote_literal(option_value) from pg_options_to_table("
                + column + ") order by option_name), ', ') end";
    }
}
