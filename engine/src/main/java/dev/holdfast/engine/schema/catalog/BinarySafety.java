package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which types survive COPY in binary form into a database with other OIDs. Not those without functions for it, and not those
 * that are OIDs of objects: their text is a name, their bytes a number that means something else there. A plain {@code oid} is
 * a number in both forms.
 */
final class BinarySafety {
    /** The last ones have a receive function that refuses, or are trees full of OIDs. */
    private static final Set<String> UNSAFE = Set.of(
            "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc",
            "regprocedure", "regrole", "regtype", "regdatabase", "aclitem", "pg_node_tree", "pg_ndistinct", "pg_dependencies",
            "pg_mcv_list", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_ddl_command");

    private record Type(char kind, boolean hasBinary, boolean unsafe, long element, long base, long subtype, long relation) {}

    private final Map<Long, Type> types = new HashMap<>();
    private final Map<Long, List<Long>> attributes = new HashMap<>();
    private final Map<Long, Boolean> known = new HashMap<>();

    static BinarySafety read(Session session) throws SQLException, SchemaChangedException {
        var safety = new BinarySafety();
        session.each(
                """
                select t.oid, t.typname, n.nspname, t.typtype, t.typsend <> 0 and t.typreceive <> 0 as has_binary,
                       case when t.typlen = -1 then t.typelem else 0 end as element, t.typbasetype, t.typrelid,
                       coalesce(r.rngsubtype, m.rngsubtype) as subtype
                from pg_type t join pg_namespace n on n.oid = t.typnamespace
                left join pg_range r on r.rngtypid = t.oid left join pg_range m on m.rngmultitypid = t.oid
                """,
                row -> safety.types.put(
                        row.number("oid"),
                        new Type(
                                row.letter("typtype"),
                                row.flag("has_binary"),
                                row.text("nspname").equals("pg_catalog") && UNSAFE.contains(row.text("typname")),
                                row.number("element"),
                                row.number("typbasetype"),
                                row.number("subtype"),
                                row.number("typrelid"))));
        session.each(
                """
                select a.attrelid, array_agg(a.atttypid::bigint) as types from pg_attribute a join pg_class c on c.oid = a.attrelid
                where a.attnum > 0 and not a.attisdropped and c.reltype <> 0 and c.oid >= %d group by a.attrelid
                """
                        .formatted(Filters.FIRST_USER_OID),
                row -> safety.attributes.put(row.number("attrelid"), row.numbers("types")));
        return safety;
    }

    boolean isSafe(long type) {
        var answer = known.get(type);
        if (answer == null) {
            // A row type may contain arrays of itself: what is being looked at cannot be what makes it unsafe.
            known.put(type, true);
            answer = decide(type);
            known.put(type, answer);
        }
        return answer;
    }

    private boolean decide(long oid) {
        var type = types.get(oid);
        if (type == null || type.unsafe || !type.hasBinary) {
            return false;
        }
        return switch (type.kind) {
            case 'd' -> isSafe(type.base);
            case 'r', 'm' -> isSafe(type.subtype);
            case 'c' -> attributes.containsKey(type.relation)
                    && attributes.get(type.relation).stream().allMatch(this::isSafe);
            case 'p' -> false;
            default -> type.element == 0 || isSafe(type.element);
        };
    }
}
