package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.GrantTemplate;
import dev.holdfast.engine.schema.Quoting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Access control lists. An entry is {@code grantee=codes/grantor}: an empty grantee is PUBLIC, names may be quoted, and a code
 * with an asterisk behind it carries the grant option.
 */
final class Acl {
    record Item(String grantee, String codes, String grantor) {
        /** Granted by the owner himself, as every default is. */
        static Item of(String grantee, String codes, String owner) {
            return new Item(grantee, codes, owner);
        }
    }

    private static final Map<Character, String> PRIVILEGES = new LinkedHashMap<>();

    static {
        PRIVILEGES.put('r', "SELECT");
        PRIVILEGES.put('a', "INSERT");
        PRIVILEGES.put('w', "UPDATE");
        PRIVILEGES.put('d', "DELETE");
        PRIVILEGES.put('D', "TRUNCATE");
        PRIVILEGES.put('x', "REFERENCES");
        PRIVILEGES.put('t', "TRIGGER");
        PRIVILEGES.put('m', "MAINTAIN");
        PRIVILEGES.put('X', "EXECUTE");
        PRIVILEGES.put('U', "USAGE");
        PRIVILEGES.put('C', "CREATE");
        PRIVILEGES.put('c', "CONNECT");
        PRIVILEGES.put('T', "TEMPORARY");
    }

    /**
     * What the statements are about.
     *
     * @param type TABLE, FUNCTION ...; TABLES and the like for default privileges
     * @param column quoted; null for the whole object
     * @param prefix for default privileges what stands before GRANT; else empty
     */
    record Subject(String type, String column, String owner, String prefix) {
        Subject(String type, String owner) {
            this(type, null, owner, "");
        }
    }

    private Acl() {}

    static List<Item> parse(List<String> items) {
        return items == null ? List.of() : items.stream().map(Acl::parse).toList();
    }

    static Item parse(String text) {
        var grantee = new StringBuilder();
        int equals = name(text, 0, grantee);
        int slash = text.indexOf('/', equals);
        var grantor = new StringBuilder();
        name(text, slash + 1, grantor);
        return new Item(grantee.toString(), text.substring(equals + 1, slash), grantor.toString());
    }

    /** Appends the name that starts at {@code from}; returns where it ends, at an unquoted = or the end of the text. */
    private static int name(String text, int from, StringBuilder name) {
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    name.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == '=' && !quoted) {
                return i;
            } else {
                name.append(c);
            }
        }
        return text.length();
    }

    /**
     * The statements that lead from one list to another: first what is taken away, then what the owner gave himself, then the
     * others in their order, because a grant may rest on the grant option of an earlier one.
     */
    static List<GrantTemplate> changes(List<Item> from, List<Item> to, Subject subject) {
        var first = new ArrayList<GrantTemplate>();
        var second = new ArrayList<GrantTemplate>();
        for (var item : from) {
            if (!to.contains(item)) {
                first.add(revoke(item, subject));
            }
        }
        for (var item : to) {
            if (!from.contains(item)) {
                boolean own = item.grantee.equals(subject.owner) && item.grantor.equals(subject.owner);
                grant(item, subject, own ? first : second);
            }
        }
        first.addAll(second);
        return first;
    }

    private static GrantTemplate revoke(Item item, Subject subject) {
        var privileges = new ArrayList<>(privileges(item, subject, false));
        privileges.addAll(privileges(item, subject, true));
        return new GrantTemplate(
                subject.prefix + "REVOKE " + String.join(", ", privileges) + " ON " + subject.type,
                " FROM " + grantee(item),
                roles(item, subject),
                null);
    }

    private static void grant(Item item, Subject subject, List<GrantTemplate> grants) {
        for (boolean withOption : new boolean[] {false, true}) {
            var privileges = privileges(item, subject, withOption);
            if (!privileges.isEmpty()) {
                grants.add(new GrantTemplate(
                        subject.prefix + "GRANT " + String.join(", ", privileges) + " ON " + subject.type,
                        " TO " + grantee(item) + (withOption ? " WITH GRANT OPTION" : ""),
                        roles(item, subject),
                        item.grantor.equals(subject.owner) ? null : item.grantor));
            }
        }
    }

    private static List<String> privileges(Item item, Subject subject, boolean withOption) {
        var privileges = new ArrayList<String>();
        for (int i = 0; i < item.codes.length(); i++) {
            boolean option = i + 1 < item.codes.length() && item.codes.charAt(i + 1) == '*';
            if (option == withOption && PRIVILEGES.containsKey(item.codes.charAt(i))) {
                privileges.add(PRIVILEGES.get(item.codes.charAt(i)) + (subject.column == null ? "" : " (" + subject.column + ")"));
            }
        }
        return privileges;
    }

    private static String grantee(Item item) {
        return item.grantee.isEmpty() ? "PUBLIC" : Quoting.identifier(item.grantee);
    }

    private static List<String> roles(Item item, Subject subject) {
        var roles = new ArrayList<String>();
        if (!subject.prefix.isEmpty()) {
            roles.add(subject.owner);
        }
        if (!item.grantee.isEmpty() && !roles.contains(item.grantee)) {
            roles.add(item.grantee);
        }
        if (!item.grantor.equals(subject.owner) && !roles.contains(item.grantor)) {
            roles.add(item.grantor);
        }
        return List.copyOf(roles);
    }
}
