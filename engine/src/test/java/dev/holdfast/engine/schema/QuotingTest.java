package dev.holdfast.engine.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QuotingTest {
    @Test
    void identifiersAreAlwaysQuoted() {
        assertThat(Quoting.identifier("plain")).isEqualTo("\"plain\"");
        assertThat(Quoting.identifier("a\"b.c'd")).isEqualTo("\"a\"\"b.c'd\"");
        assertThat(Quoting.qualified("s", "t")).isEqualTo("\"s\".\"t\"");
        assertThat(Quoting.qualified(null, "t")).isEqualTo("\"t\"");
    }

    @Test
    void backslashesMeanNothingInLiterals() {
        assertThat(Quoting.literal("it's a \\ \"x\"")).isEqualTo("'it''s a \\ \"x\"'");
    }

    @Test
    void aSequenceIsPutWhereItStood() {
        assertThat(new SequencePosition(0, "s", "it's", 7, false, false).statement())
                .isEqualTo("SELECT pg_catalog.setval('\"s\".\"it''s\"'::pg_catalog.regclass, 7, false)");
    }

    @Test
    void aPolicyCanBeMadeForFewerRoles() {
        var clause = new RoleClause("CREATE POLICY p ON t TO ", List.of("a", "b"), " USING (true)");
        assertThat(clause.statement(List.of("b"))).isEqualTo("CREATE POLICY p ON t TO \"b\" USING (true)");
    }
}
