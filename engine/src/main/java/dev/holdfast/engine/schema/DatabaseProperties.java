package dev.holdfast.engine.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What belongs to the database as a whole, to be given to a new one of any name.
 *
 * @param localeProvider {@code libc}, {@code icu} or {@code builtin}
 * @param locale of the icu or builtin provider; null for libc
 * @param icuRules null if there are none
 * @param connectionLimit -1 for none
 * @param tablespace null for pg_default
 * @param comment null if there is none
 * @param labels by label provider
 */
public record DatabaseProperties(
        String name,
        String owner,
        String encoding,
        String localeProvider,
        String collate,
        String ctype,
        String locale,
        String icuRules,
        int connectionLimit,
        boolean template,
        String tablespace,
        String comment,
        Map<String, String> labels,
        List<DatabaseSetting> settings,
        List<GrantTemplate> grants) {

    /** Creates the empty database; outside of a transaction. The tablespace is left to the caller, who knows which ones exist. */
    public List<String> createStatements(String newName) {
        var sql = new StringBuilder("CREATE DATABASE ").append(Quoting.identifier(newName)).append(" WITH TEMPLATE = template0");
        sql.append(" ENCODING = ").append(Quoting.literal(encoding));
        sql.append(" LOCALE_PROVIDER = ").append(localeProvider);
        sql.append(" LC_COLLATE = ").append(Quoting.literal(collate));
        sql.append(" LC_CTYPE = ").append(Quoting.literal(ctype));
        if (locale != null) {
            sql.append(localeProvider.equals("builtin") ? " BUILTIN_LOCALE = " : " ICU_LOCALE = ").append(Quoting.literal(locale));
        }
        if (icuRules != null) {
            sql.append(" ICU_RULES = ").append(Quoting.literal(icuRules));
        }
        return List.of(sql.toString());
    }

    /** Comment, limits and settings, once the database is there and filled. */
    public List<String> propertyStatements(String newName) {
        var target = "DATABASE " + Quoting.identifier(newName);
        var statements = new ArrayList<String>();
        if (comment != null) {
            statements.add("COMMENT ON " + target + " IS " + Quoting.literal(comment));
        }
        if (connectionLimit != -1) {
            statements.add("ALTER " + target + " CONNECTION LIMIT = " + connectionLimit);
        }
        if (template) {
            statements.add("ALTER " + target + " IS_TEMPLATE = true");
        }
        settings.stream().filter(s -> s.role() == null).forEach(s -> statements.add(s.statement(newName)));
        return statements;
    }

    /** What names roles: their settings in this database, and the grants on it. The owner has to be set before. */
    public List<Grant> roleStatements(String newName) {
        var statements = new ArrayList<Grant>();
        settings.stream()
                .filter(s -> s.role() != null)
                .forEach(s -> statements.add(new Grant(s.statement(newName), List.of(s.role()), null)));
        grants.forEach(g -> statements.add(g.on(Quoting.identifier(newName))));
        return statements;
    }

    public String ownerStatement(String newName) {
        return "ALTER DATABASE " + Quoting.identifier(newName) + " OWNER TO " + Quoting.identifier(owner);
    }

    /** They fail where the label provider is not loaded. */
    public List<String> labelStatements(String newName) {
        return labels.entrySet().stream()
                .map(label -> "SECURITY LABEL FOR " + Quoting.identifier(label.getKey()) + " ON DATABASE "
                        + Quoting.identifier(newName) + " IS " + Quoting.literal(label.getValue()))
                .toList();
    }
}
