package dev.holdfast.sqlfront;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sqlfront.scan.ByteText;
import dev.holdfast.sqlfront.scan.LeadingKeywords;
import dev.holdfast.sqlfront.scan.StatementSplitter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanTest {
    private record Bytes(byte[] bytes) implements ByteText {
        @Override
        public byte at(int index) {
            return bytes[index];
        }

        @Override
        public int indexOfSemicolon(int from, int to) {
            for (int i = from; i < to; i++) {
                if (bytes[i] == ';') {
                    return i;
                }
            }
            return -1;
        }
    }

    private static boolean anyOwn(String sql) {
        var bytes = sql.getBytes(StandardCharsets.UTF_8);
        return LeadingKeywords.anyOwn(new Bytes(bytes), 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "backup", "BACKUP INTO 'x'", "  \t\nrestore x", "/* c */ -- d\n BaCkUp", "show jobs", "SHOW JOB 1", "show backups in 'x'",
        "show cluster setting x", "show all cluster settings", "SHOW AUTOMATIC JOBS", "set cluster setting x = 1",
        "reset /* */ cluster setting x", "pause job 1", "resume job 1", "cancel jobs (select 1)", "select 1; backup into 'x'",
        "select 1;;;-- c\n;SHOW JOBS", "; backup", "show -- c\n jobs", "alter database d configure zone discard",
        "alter table t configure zone discard", "ALTER TABLE a . \"b\"\"c\" /* */ . d CONFIGURE ZONE", "alter table a.* configure zone",
    })
    void findsOurs(String sql) {
        assertThat(anyOwn(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ";", "select 1", "SELECT 1; SELECT 2;", "show all", "show timezone", "SHOW jobs_x", "set x = 1", "set clusters = 1",
        "begin", "copy t from stdin", "create table backup (a int)", "backups", "back up", "restored", "reset all", "commit; begin",
        "prepare p as select 1", "/* unterminated", "-- backup", "select 'x' -- ; show", "call p()", "close c", "checkpoint",
        "réstore", "show", "set", "savepoint s", "start transaction", "release s", "revoke all on t from u", "rollback", "cluster t",
        "alter table t add configure int", "alter table only configure add x int", "alter table configure rename to x", "alter table \"t", "alter table a.", "alter database d set x = 1",
    })
    void leavesTheRestAlone(String sql) {
        assertThat(anyOwn(sql)).isFalse();
    }

    private static String[] split(String sql, boolean standardConformingStrings) {
        return StatementSplitter.split(sql, standardConformingStrings).stream()
                .map(piece -> sql.substring(piece.start(), piece.end()).strip())
                .toArray(String[]::new);
    }

    @Test
    void cutsAtSemicolonsOutsideOfEverything() {
        assertThat(split("a; b ;c", true)).containsExactly("a", "b", "c");
        assertThat(split("a;", true)).containsExactly("a", "");
        assertThat(split("select ';', \";\", $$;$$, $t$;$$;$t$, e'\\';', /* ; /* ; */ ; */ 1 -- ;\n; x", true))
                .containsExactly("select ';', \";\", $$;$$, $t$;$$;$t$, e'\\';', /* ; /* ; */ ; */ 1 -- ;", "x");
        assertThat(split("create rule r as on insert to t do (select 1; select 2); x", true)).hasSize(2);
        assertThat(split("select 'it''s; fine'; x", true)).containsExactly("select 'it''s; fine'", "x");
        assertThat(split("select a$b$; c$b$", true)).containsExactly("select a$b$", "c$b$");
        assertThat(split("select 'unterminated; x", true)).hasSize(1);
        assertThat(split("select $1; $2", true)).containsExactly("select $1", "$2");
    }

    @Test
    void backslashesInStringsDependOnTheSession() {
        assertThat(split("select 'a\\'; b'; c", false)).containsExactly("select 'a\\'; b'", "c");
        assertThat(split("select 'a\\'; b", true)).containsExactly("select 'a\\'", "b");
    }
}
