package dev.holdfast.engine.schema.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.schema.Grant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AclTest {
    private static final Acl.Subject TABLE = new Acl.Subject("TABLE", "owner");

    private static List<Grant> changes(List<String> from, List<String> to, Acl.Subject subject) {
        return Acl.changes(Acl.parse(from), Acl.parse(to), subject).stream().map(change -> change.on("t")).toList();
    }

    @Test
    void namesMayBeQuoted() {
        assertThat(Acl.parse("=r/owner")).isEqualTo(new Acl.Item("", "r", "owner"));
        assertThat(Acl.parse("\"a=b/c\"\"d\"=r*w/\"x/y\"")).isEqualTo(new Acl.Item("a=b/c\"d", "r*w", "x/y"));
    }

    @Test
    void nothingIsSaidOfWhatDoesNotChange() {
        assertThat(changes(List.of("owner=arwdDxt/owner"), List.of("owner=arwdDxt/owner"), TABLE)).isEmpty();
    }

    @Test
    void grantsFollowRevokesAndTheOwnersOwn() {
        assertThat(changes(List.of("owner=rw/owner", "=r/owner"), List.of("bob=r*w/owner", "cleo=r/bob", "owner=r/owner"), TABLE))
                .extracting(Grant::statement)
                .containsExactly(
                        "REVOKE SELECT, UPDATE ON TABLE t FROM \"owner\"",
                        "REVOKE SELECT ON TABLE t FROM PUBLIC",
                        "GRANT SELECT ON TABLE t TO \"owner\"",
                        "GRANT UPDATE ON TABLE t TO \"bob\"",
                        "GRANT SELECT ON TABLE t TO \"bob\" WITH GRANT OPTION",
                        "GRANT SELECT ON TABLE t TO \"cleo\"");
    }

    @Test
    void rolesAndGrantorsAreTold() {
        assertThat(changes(List.of(), List.of("cleo=r/bob", "=r/owner", "owner=r/owner"), TABLE))
                .extracting(Grant::roles, Grant::grantor)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(List.of("owner"), null),
                        org.assertj.core.groups.Tuple.tuple(List.of("cleo", "bob"), "bob"),
                        org.assertj.core.groups.Tuple.tuple(List.of(), null));
    }

    @Test
    void privilegesOnColumnsNameTheColumn() {
        var column = new Acl.Subject("TABLE", "\"c\"", "owner", "");
        assertThat(changes(List.of(), List.of("bob=ar/owner"), column))
                .extracting(Grant::statement)
                .containsExactly("GRANT INSERT (\"c\"), SELECT (\"c\") ON TABLE t TO \"bob\"");
    }

    @Test
    void defaultPrivilegesNameTheirRole() {
        var subject = new Acl.Subject("TABLES", null, "owner", "ALTER DEFAULT PRIVILEGES FOR ROLE \"owner\" ");
        var changes = Acl.changes(List.of(), Acl.parse(List.of("bob=r/owner")), subject);
        assertThat(changes).extracting(change -> change.onNothing().statement())
                .containsExactly("ALTER DEFAULT PRIVILEGES FOR ROLE \"owner\" GRANT SELECT ON TABLES TO \"bob\"");
        assertThat(changes.getFirst().roles()).containsExactly("owner", "bob");
    }
}
