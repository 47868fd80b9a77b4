package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Aggregates: plain, ordered-set and hypothetical-set ones. */
final class Aggregates {
    private static final Map<Character, String> MODIFIES = Map.of('r', "READ_ONLY", 's', "SHAREABLE", 'w', "READ_WRITE");
    private static final Map<Character, String> PARALLEL = Map.of('s', "safe", 'r', "restricted");

    private Aggregates() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select p.tableoid, p.oid, n.nspname, p.proname, pg_get_userbyid(p.proowner) as owner, p.pronargs, p.proparallel,
                       pg_get_function_arguments(p.oid) as arguments, pg_get_function_identity_arguments(p.oid) as identity,
                       a.aggkind, a.aggtransfn::text as sfunc, format_type(a.aggtranstype, null) as stype, a.aggtransspace,
                       a.agginitval, a.aggfinalfn::text as finalfunc, a.aggfinalextra, a.aggfinalmodify,
                       a.aggcombinefn::text as combinefunc, a.aggserialfn::text as serialfunc,
                       a.aggdeserialfn::text as deserialfunc, a.aggmtransfn::text as msfunc, a.aggminvtransfn::text as minvfunc,
                       format_type(nullif(a.aggmtranstype, 0), null) as mstype, a.aggmtransspace, a.aggminitval,
                       a.aggmfinalfn::text as mfinalfunc, a.aggmfinalextra, a.aggmfinalmodify,
                       (select 'OPERATOR(' || quote_ident(opn.nspname) || '.' || o.oprname || ')' from pg_operator o
                        join pg_namespace opn on opn.oid = o.oprnamespace where o.oid = a.aggsortop) as sortop
                from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_aggregate a on a.aggfnoid = p.oid
                where p.prokind = 'a' and
                """
                        + Filters.own("pg_proc", "p.oid", "n.nspname"),
                row -> {
                    boolean star = row.integer("pronargs") == 0;
                    var name = Quoting.qualified(row.text("nspname"), row.text("proname"));
                    var identity = "AGGREGATE " + name + "(" + (star ? "*" : row.definition("identity")) + ")";
                    var draft = drafts.add(ObjectKind.AGGREGATE, row, row.text("nspname"), row.text("proname"), identity)
                            .statement("CREATE AGGREGATE " + name + "(" + (star ? "*" : row.definition("arguments"))
                                    + ") (\n    " + String.join(",\n    ", properties(row)) + "\n)")
                            .owner(row.text("owner"))
                            .describedAs(row.address(), identity);
                    draft.node.tieBreak(row.text("identity"));
                });
    }

    private static List<String> properties(Row row) throws SQLException {
        // The default differs between the kinds, and is the safe one for each.
        char defaultModify = row.letter("aggkind") == 'n' ? 'r' : 'w';
        var list = new ArrayList<String>();
        list.add("SFUNC = " + row.text("sfunc"));
        list.add("STYPE = " + row.text("stype"));
        addSpace(list, "SSPACE", row.integer("aggtransspace"));
        addLiteral(list, "INITCOND", row.text("agginitval"));
        if (addFunction(list, "FINALFUNC", row.text("finalfunc"))) {
            addFinal(list, "FINALFUNC", row.flag("aggfinalextra"), row.letter("aggfinalmodify"), defaultModify);
        }
        addFunction(list, "COMBINEFUNC", row.text("combinefunc"));
        addFunction(list, "SERIALFUNC", row.text("serialfunc"));
        addFunction(list, "DESERIALFUNC", row.text("deserialfunc"));
        if (addFunction(list, "MSFUNC", row.text("msfunc"))) {
            list.add("MINVFUNC = " + row.text("minvfunc"));
            list.add("MSTYPE = " + row.text("mstype"));
        }
        addSpace(list, "MSSPACE", row.integer("aggmtransspace"));
        addLiteral(list, "MINITCOND", row.text("aggminitval"));
        if (addFunction(list, "MFINALFUNC", row.text("mfinalfunc"))) {
            addFinal(list, "MFINALFUNC", row.flag("aggmfinalextra"), row.letter("aggmfinalmodify"), defaultModify);
        }
        if (row.text("sortop") != null) {
            list.add("SORTOP = " + row.text("sortop"));
        }
        if (row.letter("aggkind") == 'h') {
            list.add("HYPOTHETICAL");
        }
        if (row.letter("proparallel") != 'u') {
            list.add("PARALLEL = " + PARALLEL.get(row.letter("proparallel")));
        }
        return list;
    }

    private static boolean addFunction(List<String> list, String property, String function) {
        if (function.equals("-")) {
            return false;
        }
        list.add(property + " = " + function);
        return true;
    }

    private static void addFinal(List<String> list, String property, boolean extra, char modify, char defaultModify) {
        if (extra) {
            list.add(property + "_EXTRA");
        }
        if (modify != defaultModify) {
            list.add(property + "_MODIFY = " + MODIFIES.get(modify));
        }
    }

    private static void addSpace(List<String> list, String property, int bytes) {
        if (bytes != 0) {
            list.add(property + " = " + bytes);
        }
    }

    private static void addLiteral(List<String> list, String property, String value) {
        if (value != null) {
            list.add(property + " = " + Quoting.literal(value));
        }
    }
}
