package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.DatabaseSetting;
import dev.holdfast.engine.schema.Quoting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Settings as the catalog stores them, {@code name=value}, back into SQL. */
final class Settings {
    /** Those whose value is a list of quoted names: it has to be taken apart and given as several strings. */
    private static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "oauth_validator_libraries",
            "output_plugin_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    private Settings() {}

    static DatabaseSetting parse(String role, String setting) {
        int equals = setting.indexOf('=');
        var name = setting.substring(0, equals);
        var value = setting.substring(equals + 1);
        var sql = LISTS.contains(name.toLowerCase(Locale.ROOT))
                ? split(value).stream().map(Quoting::literal).collect(Collectors.joining(", "))
                : Quoting.literal(value);
        // An empty list is stored as one empty name.
        return new DatabaseSetting(role, name, sql.isEmpty() ? "''" : sql);
    }

    /** {@code "$user", public} and the like: names may be quoted, a quote in a quoted one is doubled. */
    static List<String> split(String value) {
        var elements = new ArrayList<String>();
        var element = new StringBuilder();
        boolean quoted = false;
        boolean any = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                any = true;
                if (quoted && i + 1 < value.length() && value.charAt(i + 1) == '"') {
                    element.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                elements.add(element.toString());
                element.setLength(0);
                any = false;
            } else if (quoted || !Character.isWhitespace(c)) {
                any = true;
                element.append(c);
            }
        }
        if (any) {
            elements.add(element.toString());
        }
        return elements;
    }
}
