package dev.holdfast.it.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.WireClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statements of ours among others in pipelines that no driver builds by itself. */
class PipelineIT {
    private static final String BACKUP = "BACKUP DATABASE defaultdb INTO 'nodelocal://1/pipeline'";
    private static final String SHOW = "SHOW BACKUPS IN 'nodelocal://1/nothing'";
    private static final String REFUSED = "BACKUP cannot be used inside a multi-statement transaction without DETACHED option";

    private static TestHoldfast holdfast;
    private WireClient client;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = WireClient.connect(WireClient.tcp(holdfast.port()), "root", "defaultdb");
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    private List<String> answers() throws IOException {
        return WireClient.lines(client.untilReady());
    }

    private WireClient statement(String sql) {
        return client.parse("", sql).bind("", "").execute("", 0);
    }

    /** As drivers do with autocommit off: BEGIN and the statement go out together. */
    @Test
    void aBeginThatIsNotAnsweredYetCounts() throws Exception {
        client.query("BEGIN");
        statement(BACKUP).sync().flush();
        assertThat(answers()).containsExactly("done BEGIN", "ready T");
        assertThat(answers()).containsExactly("parsed", "bound", "error XXUUU " + REFUSED, "ready E");
        assertThat(client.simple("ROLLBACK")).containsExactly("done ROLLBACK", "ready I");
    }

    @Test
    void aCommitThatIsNotAnsweredYetCounts() throws Exception {
        assertThat(client.simple("BEGIN")).containsExactly("done BEGIN", "ready T");
        client.query("COMMIT");
        statement(BACKUP).sync().flush();
        assertThat(answers()).containsExactly("done COMMIT", "ready I");
        assertThat(answers()).contains("done BACKUP 1", "ready I");
    }

    @Test
    void behindASyncAStatementIsAlone() throws Exception {
        statement("SELECT 1").sync();
        statement(BACKUP).sync();
        statement("SELECT 2").sync().flush();
        assertThat(answers()).containsExactly("parsed", "bound", "row [1]", "done SELECT 1", "ready I");
        assertThat(answers()).contains("done BACKUP 1", "ready I");
        assertThat(answers()).containsExactly("parsed", "bound", "row [2]", "done SELECT 1", "ready I");
    }

    @Test
    void withoutASyncItIsNot() throws Exception {
        statement("CREATE TABLE made (a int)");
        statement(BACKUP);
        statement("SELECT 3").sync().flush();
        assertThat(answers())
                .containsExactly("parsed", "bound", "done CREATE TABLE", "parsed", "bound", "error XXUUU " + REFUSED, "ready I");
        assertThat(client.simple("SELECT to_regclass('made') IS NULL AS gone")).contains("row [t]");
    }

    @Test
    void answersKeepTheirOrder() throws Exception {
        statement("SELECT 1");
        statement(SHOW);
        statement("SELECT 2");
        statement("SHOW CLUSTER SETTING feature.backup.enabled").sync().flush();
        assertThat(answers())
                .containsExactly(
                        "parsed", "bound", "row [1]", "done SELECT 1",
                        "parsed", "bound", "done SHOW BACKUPS 0",
                        "parsed", "bound", "row [2]", "done SELECT 1",
                        "parsed", "bound", "row [t]", "done SHOW 1", "ready I");
    }

    @Test
    void anErrorBeforeSkipsAndAnErrorOfOursMakesSkip() throws Exception {
        statement("SELECT 1/0");
        statement(SHOW).sync();
        statement("PAUSE JOB 1");
        statement("SELECT 2");
        statement(SHOW).sync();
        statement(SHOW).sync().flush();
        // A constant expression fails when Bind plans it.
        assertThat(answers()).containsExactly("parsed", "error 22012 division by zero", "ready I");
        assertThat(answers()).containsExactly("parsed", "bound", "error XXUUU job with ID 1 does not exist", "ready I");
        assertThat(answers()).containsExactly("parsed", "bound", "done SHOW BACKUPS 0", "ready I");
    }

    /** DEALLOCATE takes the name away from us without a message that says so. */
    @Test
    void aNameThatWasOursCanBeReusedForAnotherStatement() throws Exception {
        client.parse("s", SHOW).sync().flush();
        assertThat(answers()).containsExactly("parsed", "ready I");
        assertThat(client.simple("DEALLOCATE s")).contains("done DEALLOCATE");
        client.parse("s", "SELECT 'theirs' AS whose").bind("", "s").execute("", 0).sync().flush();
        assertThat(answers()).containsExactly("parsed", "bound", "row [theirs]", "done SELECT 1", "ready I");
        client.bind("", "s").execute("", 0).sync().flush();
        assertThat(answers()).containsExactly("bound", "row [theirs]", "done SELECT 1", "ready I");
        assertThat(client.simple("DISCARD ALL")).contains("done DISCARD ALL");
        client.parse("s", SHOW).bind("", "s").execute("", 0).sync().flush();
        assertThat(answers()).containsExactly("parsed", "bound", "done SHOW BACKUPS 0", "ready I");
    }

    @Test
    void aNameThatIsTakenStaysOurs() throws Exception {
        client.parse("s", SHOW).sync().parse("s", "SELECT 1").sync().bind("", "s").execute("", 0).sync().flush();
        assertThat(answers()).containsExactly("parsed", "ready I");
        assertThat(answers()).containsExactly("error 42P05 prepared statement \"s\" already exists", "ready I");
        assertThat(answers()).containsExactly("bound", "done SHOW BACKUPS 0", "ready I");
    }

    /** In one go: the Close is not answered when the name is used again. */
    @Test
    void aNameIsFreeBehindItsClose() throws Exception {
        client.parse("s", SHOW).sync().flush();
        assertThat(answers()).containsExactly("parsed", "ready I");
        client.close('S', "s").parse("s", "SELECT 'theirs' AS whose").bind("", "s").execute("", 0).sync().flush();
        assertThat(answers()).containsExactly("closed", "parsed", "bound", "row [theirs]", "done SELECT 1", "ready I");
    }

    /** The answer to the first Sync ends the portals of the first transaction, not those bound behind it. */
    @Test
    void aPortalBoundBehindASyncOutlivesTheAnswerToIt() throws Exception {
        client.parse("s", SHOW).parse("slow", "SELECT pg_sleep(0.3)").sync().flush();
        answers();
        client.bind("", "slow").execute("", 0).sync().bind("p", "s").flush();
        assertThat(answers()).containsExactly("bound", "row []", "done SELECT 1", "ready I");
        client.execute("p", 0).sync().flush();
        assertThat(answers()).containsExactly("bound", "done SHOW BACKUPS 0", "ready I");
    }

    @Test
    void aPortalIsReadInPieces() throws Exception {
        client.simple("BEGIN");
        client.parse("", "SHOW CLUSTER SETTINGS").bind("p", "").execute("p", 1).execute("p", 1).execute("p", 0).execute("p", 0).sync().flush();
        var answers = answers();
        assertThat(answers.stream().filter(line -> line.equals("suspended"))).hasSize(2);
        assertThat(answers.stream().filter(line -> line.startsWith("row "))).hasSizeGreaterThan(3);
        client.simple("COMMIT");
        client.execute("p", 0).sync().flush();
        assertThat(answers()).containsExactly("error 34000 portal \"p\" does not exist", "ready I");
    }

    @Test
    void describesTellWhatExecutesSend() throws Exception {
        client.parse("", "SHOW JOB $1")
                .describe('S', "")
                .bind("", "", 1, "17")
                .describe('P', "")
                .execute("", 0)
                .parse("", "PAUSE JOB $1")
                .describe('S', "")
                .sync()
                .flush();
        var answers = answers();
        assertThat(answers.get(1)).isEqualTo("parameters [20]");
        assertThat(answers.get(2)).startsWith("columns [job_id:20/8/-1/0, job_type:25/-1/-1/0");
        assertThat(answers.get(4)).startsWith("columns [job_id:20/8/-1/1, job_type:25/-1/-1/1");
        assertThat(answers.subList(5, answers.size())).containsExactly("done SHOW JOBS 0", "parsed", "parameters [20]", "no data", "ready I");
    }

    /** Copy data behind a text with a statement of ours in it, sent before the server could ask for it. */
    @Test
    void copyDataThatComesEarlyIsTaken() throws Exception {
        client.simple("CREATE TABLE IF NOT EXISTS copied (a int)");
        client.query("COPY copied FROM STDIN; " + SHOW + "; SELECT count(*) FROM copied")
                .copyData("1\n")
                .copyData("2\n")
                .message('c')
                .query("SELECT 'next' AS n")
                .flush();
        assertThat(answers())
                .containsExactly(
                        "copy in", "done COPY 2", "columns [path:25/-1/-1/0]", "done SHOW BACKUPS 0", "columns [count:20/8/-1/0]",
                        "row [2]", "done SELECT 1", "ready I");
        assertThat(answers()).contains("row [next]");
    }

    @Test
    void aFailedCopyEndsTheText() throws Exception {
        client.simple("CREATE TABLE IF NOT EXISTS copied (a int)");
        client.query("COPY copied FROM STDIN; " + SHOW).flush();
        assertThat(client.read().toString()).isEqualTo("copy in");
        client.message('f', WireClient.zeroEnded("no more")).flush();
        assertThat(answers().getFirst()).startsWith("error 57014 COPY from stdin failed: no more");
        assertThat(client.simple("SELECT 1")).contains("row [1]");
    }

    /** A client need not wait for the end of the login. */
    @Test
    void whatIsSentWithTheStartupPacketIsAnswered() throws Exception {
        try (var early = WireClient.open(WireClient.tcp(holdfast.port()))) {
            early.startup(Map.of("user", "root", "database", "defaultdb"))
                    .query("SELECT pg_sleep(0.2), 'first' AS a")
                    .query(SHOW)
                    .query("SELECT 'last' AS z")
                    .flush();
            early.untilReady();
            assertThat(WireClient.lines(early.untilReady())).contains("row [, first]", "ready I");
            assertThat(WireClient.lines(early.untilReady()))
                    .containsExactly("columns [path:25/-1/-1/0]", "done SHOW BACKUPS 0", "ready I");
            assertThat(WireClient.lines(early.untilReady())).contains("row [last]");
        }
    }

    @Test
    void messagesMayComeByteByByte() throws Exception {
        client.query("SELECT 1; " + SHOW + "; SELECT 2").flushSlowly();
        assertThat(answers())
                .contains("row [1]", "done SHOW BACKUPS 0", "row [2]", "ready I");
        statement(SHOW).sync().flushSlowly();
        assertThat(answers()).containsExactly("parsed", "bound", "done SHOW BACKUPS 0", "ready I");
    }
}
