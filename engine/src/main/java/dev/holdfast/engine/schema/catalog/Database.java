package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.DatabaseProperties;
import dev.holdfast.engine.schema.DatabaseSetting;
import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The properties of the database as a whole. */
final class Database {
    private static final Map<Character, String> PROVIDERS = Map.of('c', "libc", 'i', "icu", 'b', "builtin");

    private Database() {}

    static DatabaseProperties read(Session session) throws SQLException, SchemaChangedException {
        var settings = new ArrayList<DatabaseSetting>();
        session.each(
                """
                select rolname, setting from pg_db_role_setting s
                cross join lateral unnest(setconfig) with ordinality u(setting, place)
                left join pg_roles r on r.oid = setrole
                where setdatabase = (select oid from pg_database where datname = current_database())
                and (setrole = 0 or rolname is not null)
                order by rolname nulls first, place
                """,
                row -> settings.add(Settings.parse(row.text("rolname"), row.text("setting"))));
        var labels = new TreeMap<String, String>();
        session.each(
                """
                select provider, label from pg_shseclabel where classoid = 'pg_database'::regclass
                and objoid = (select oid from pg_database where datname = current_database())
                """,
                row -> labels.put(row.text("provider"), row.text("label")));
        var found = new ArrayList<DatabaseProperties>();
        session.each(
                "select datname, pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datlocprovider, "
                        + "datcollate, datctype, " + session.since(17, "datlocale", "daticulocale") + " as locale, "
                        + session.since(16, "daticurules", "null") + " as rules, datconnlimit, datistemplate, "
                        + "nullif(spcname, 'pg_default') as tablespace, shobj_description(d.oid, 'pg_database') as comment, "
                        + "datacl::text[] as acl, acldefault('d', datdba)::text[] as default_acl from pg_database d "
                        + "left join pg_tablespace t on t.oid = dattablespace where datname = current_database()",
                row -> found.add(new DatabaseProperties(
                        row.text("datname"),
                        row.text("owner"),
                        row.text("encoding"),
                        PROVIDERS.get(row.letter("datlocprovider")),
                        row.text("datcollate"),
                        row.text("datctype"),
                        row.text("locale"),
                        row.text("rules"),
                        row.integer("datconnlimit"),
                        row.flag("datistemplate"),
                        row.text("tablespace"),
                        row.text("comment"),
                        labels,
                        List.copyOf(settings),
                        row.texts("acl") == null
                                ? List.of()
                                : Acl.changes(
                                        Acl.parse(row.texts("default_acl")),
                                        Acl.parse(row.texts("acl")),
                                        new Acl.Subject("DATABASE", row.text("owner"))))));
        return found.getFirst();
    }
}
