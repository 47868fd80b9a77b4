package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Text search parsers, templates, dictionaries and configurations. */
final class TextSearch {
    private TextSearch() {}

    static void read(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        session.each(
                """
                select p.tableoid, p.oid, n.nspname, prsname as name, prsstart::text as start_function,
                       prstoken::text as token_function, prsend::text as end_function,
                       nullif(prsheadline::text, '-') as headline_function, prslextype::text as types_function
                from pg_ts_parser p join pg_namespace n on n.oid = prsnamespace where
                """
                        + Filters.own("pg_ts_parser", "p.oid", "n.nspname"),
                row -> add(drafts, row, ObjectKind.TEXT_SEARCH_PARSER, "START = " + row.text("start_function") + ", GETTOKEN = "
                        + row.text("token_function") + ", END = " + row.text("end_function")
                        + (row.text("headline_function") == null ? "" : ", HEADLINE = " + row.text("headline_function"))
                        + ", LEXTYPES = " + row.text("types_function")));
        session.each(
                """
                select t.tableoid, t.oid, n.nspname, tmplname as name, nullif(tmplinit::text, '-') as init_function,
                       tmpllexize::text as lexize_function
                from pg_ts_template t join pg_namespace n on n.oid = tmplnamespace where
                """
                        + Filters.own("pg_ts_template", "t.oid", "n.nspname"),
                row -> add(drafts, row, ObjectKind.TEXT_SEARCH_TEMPLATE,
                        (row.text("init_function") == null ? "" : "INIT = " + row.text("init_function") + ", ")
                                + "LEXIZE = " + row.text("lexize_function")));
        session.each(
                """
                select d.tableoid, d.oid, n.nspname, dictname as name, pg_get_userbyid(dictowner) as owner, dictinitoption,
                       quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) as template
                from pg_ts_dict d join pg_namespace n on n.oid = dictnamespace
                join pg_ts_template t on t.oid = dicttemplate join pg_namespace tn on tn.oid = t.tmplnamespace where
                """
                        + Filters.own("pg_ts_dict", "d.oid", "n.nspname"),
                row -> add(drafts, row, ObjectKind.TEXT_SEARCH_DICTIONARY, "TEMPLATE = " + row.text("template")
                                // Stored as the text that stood between the parentheses.
                                + (row.text("dictinitoption") == null ? "" : ", " + row.text("dictinitoption")))
                        .owner(row.text("owner")));
        readConfigurations(session, drafts);
    }

    private static Draft add(Drafts drafts, Row row, ObjectKind kind, String properties) throws SQLException {
        var draft = drafts.addNamed(kind, row, row.text("nspname"), row.text("name"), kind.name().replace('_', ' '));
        return draft.statement("CREATE " + draft.identity + " (" + properties + ")").describedAs(row.address(), draft.identity);
    }

    private static void readConfigurations(Session session, Drafts drafts) throws SQLException, SchemaChangedException {
        // Dictionaries by token type, in the order of the token types.
        Map<Long, Map<String, List<String>>> mappings = new HashMap<>();
        session.each(
                """
                select m.mapcfg, m.mapdict::regdictionary::text as dictionary,
                       (select quote_ident(alias) from ts_token_type(c.cfgparser) t where t.tokid = m.maptokentype) as token
                from pg_ts_config_map m join pg_ts_config c on c.oid = m.mapcfg
                where c.oid >= %d
                order by m.mapcfg, m.maptokentype, m.mapseqno
                """
                        .formatted(Filters.FIRST_USER_OID),
                row -> mappings.computeIfAbsent(row.number("mapcfg"), c -> new LinkedHashMap<>())
                        .computeIfAbsent(row.definition("token"), t -> new ArrayList<>())
                        .add(row.text("dictionary")));
        session.each(
                """
                select c.tableoid, c.oid, n.nspname, cfgname as name, pg_get_userbyid(cfgowner) as owner,
                       quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) as parser
                from pg_ts_config c join pg_namespace n on n.oid = cfgnamespace
                join pg_ts_parser p on p.oid = cfgparser join pg_namespace pn on pn.oid = p.prsnamespace where
                """
                        + Filters.own("pg_ts_config", "c.oid", "n.nspname"),
                row -> {
                    var draft = add(drafts, row, ObjectKind.TEXT_SEARCH_CONFIGURATION, "PARSER = " + row.text("parser"))
                            .owner(row.text("owner"));
                    var statements = new ArrayList<>(draft.definition.get());
                    mappings.getOrDefault(row.number("oid"), Map.of()).forEach((token, dictionaries) ->
                            statements.add("ALTER " + draft.identity + " ADD MAPPING FOR " + token + " WITH "
                                    + String.join(", ", dictionaries)));
                    draft.statements(() -> statements);
                });
    }
}
