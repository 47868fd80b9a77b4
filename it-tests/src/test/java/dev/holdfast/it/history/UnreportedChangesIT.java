package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Definitions that change without the event triggers: it shows, and nothing wrong is restored. */
class UnreportedChangesIT {
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @Test
    void aSuperuserSwitchesEventTriggersOff() throws Exception {
        try (var story = Story.begin(holdfast, "hidden")) {
            for (var table : new String[] {"identity", "columns", "renamed", "fine"}) {
                story.execute(
                        "create table " + table + " (id int primary key, v text)",
                        "insert into " + table + " select g, 'v' || g from generate_series(1, 6) g");
            }
            story.administer("backup database hidden into 'nodelocal://1/hidden' with revision_history");
            story.execute("update identity set v = 'b' where id = 1", "update columns set v = 'b' where id = 1", "update fine set v = 'b'");
            var before = story.scene("before");
            story.execute("set event_triggers = off");
            story.execute("alter table identity replica identity default", "alter table columns add w int");
            story.execute("alter table renamed rename to other", "reset event_triggers");
            story.execute("update identity set v = 'c' where id = 2", "delete from identity where id = 3");
            story.execute("update columns set w = id");
            story.execute("update other set v = 'c' where id = 2", "delete from fine where id = 4");
            story.administer("backup database hidden into latest in 'nodelocal://1/hidden' with revision_history");
            var end = story.scene("end");
            story.assertRestores(end, "from latest in 'nodelocal://1/hidden'");
            // Since when it has been so is not known, so nothing inside of the layer is believed.
            assertThat(story.refusalOfRestore("from latest in 'nodelocal://1/hidden'" + before.asOf()))
                    .contains("are not in the backup")
                    .contains("the end of every layer can be restored");
            awaitIdentity(story);
            story.execute("update identity set v = 'd' where id = 4", "update other set v = 'd' where id = 4");
            story.administer("backup database hidden into latest in 'nodelocal://1/hidden' with revision_history");
            story.execute("update identity set v = 'e' where id = 4");
            var healed = story.scene("healed");
            story.execute("delete from identity");
            story.administer("backup database hidden into latest in 'nodelocal://1/hidden' with revision_history");
            story.assertRestores(healed, "from latest in 'nodelocal://1/hidden'" + healed.asOf());
        }
    }

    private static void awaitIdentity(Story story) throws SQLException, InterruptedException {
        for (int i = 0; i < 200; i++) {
            if (story.one("select relreplident::text from pg_class where oid = 'identity'::regclass").equals("f")) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("nobody has given the table its full identity again");
    }

    @Test
    void theEventTriggerFails() throws Exception {
        try (var story = Story.begin(holdfast, "failing")) {
            story.execute("create table t (id int primary key, v text)", "insert into t select g, 'v' || g from generate_series(1, 6) g");
            story.administer("backup database failing into 'nodelocal://1/failing' with revision_history");
            story.execute("update t set v = 'b' where id = 1");
            try (var other = story.connect()) {
                Sessions.execute(other, "begin", "lock table holdfast.ddl in exclusive mode");
                // The application notices nothing of it.
                story.execute("set lock_timeout = '50ms'", "alter table t add w int", "reset lock_timeout");
                Sessions.execute(other, "rollback");
            }
            story.execute("update t set w = id");
            assertThat(story.notices("backup database failing into latest in 'nodelocal://1/failing' with revision_history"))
                    .anyMatch(notice -> notice.contains("does not lead on from the layer before")
                            && notice.contains("the event trigger failed at ALTER TABLE"));
            story.assertRestores(story.scene("end"), "from latest in 'nodelocal://1/failing'");
            story.execute("update t set w = 7 where id = 3");
            var inside = story.scene("inside");
            story.execute("delete from t where id = 3");
            story.administer("backup database failing into latest in 'nodelocal://1/failing' with revision_history");
            story.assertRestores(inside, "from latest in 'nodelocal://1/failing'" + inside.asOf());
        }
    }

    @Test
    void theEventTriggersAreDisabledForAWhile() throws Exception {
        try (var story = Story.begin(holdfast, "disabled")) {
            story.execute("create table t (id int primary key, v text)", "insert into t select g, 'v' || g from generate_series(1, 6) g");
            story.administer("backup database disabled into 'nodelocal://1/disabled' with revision_history");
            story.execute("alter event trigger holdfast_ddl disable", "alter table t drop v", "alter table t add v text default 'new'");
            story.execute("alter event trigger holdfast_ddl enable always", "update t set v = 'b' where id = 1");
            assertThat(story.notices("backup database disabled into latest in 'nodelocal://1/disabled' with revision_history"))
                    .anyMatch(notice -> notice.contains("does not lead on from the layer before"));
            story.assertRestores(story.scene("end"), "from latest in 'nodelocal://1/disabled'");
        }
    }
}
