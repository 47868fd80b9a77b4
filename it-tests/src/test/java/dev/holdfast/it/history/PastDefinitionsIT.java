package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Full backups of the past, across changes of definitions: with the schema of the time, or with a word on which times there are. */
class PastDefinitionsIT {
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
    void theSchemaOfTheTimeComesWithItsRows() throws Exception {
        var forms = Form.all().stream().filter(Form::calm).map(form -> form.in("calm")).toList();
        assertThat(forms).hasSizeGreaterThan(10);
        try (var story = Story.begin(holdfast, "calm")) {
            story.execute("create schema calm", "set search_path = calm", "create table big (id oid primary key, v int)");
            for (var form : forms) {
                story.execute(form.setup());
            }
            story.execute("create table breaks (id int primary key, v text)", "insert into breaks values (1, 'a'), (2, 'b')");
            story.awaitLook();
            for (var form : forms) {
                story.execute(form.before());
            }
            story.execute("insert into big select lo_from_bytea(0, 'one'), 1");
            var first = story.scene("first");
            Telling.APART.tell(story, forms);
            story.awaitLook();
            story.goOn();
            story.execute("insert into big select lo_from_bytea(0, 'two'), 2");
            var second = story.scene("second");
            for (var scene : List.of(first, second)) {
                var collection = "'nodelocal://1/calm/" + scene.name() + "'";
                story.administer("backup database calm into " + collection + scene.asOf());
                story.assertRestores(scene, "from latest in " + collection);
            }
            // Two in a row: nobody can have looked in between.
            story.execute("create table one_more ()");
            var unknown = story.now();
            story.execute("drop table one_more", "alter table breaks alter v type varchar(10) using v || '!'");
            story.awaitLook();
            assertThat(story.refusal("backup database calm into 'nodelocal://1/calm/unknown' as of system time '" + unknown + "'"))
                    .contains("the definitions of database \"calm\" at " + unknown + " are not known: they were changed at ")
                    .contains("Choose a time before the first or after the last of these");
            assertThat(story.refusal("backup database calm into 'nodelocal://1/calm/late'" + second.asOf()))
                    .contains("table \"calm.breaks\" cannot be read AS OF SYSTEM TIME " + second.at() + ": its columns were changed at ")
                    .contains("Choose a time after that, or restore from an earlier backup with revision_history");
        }
    }

    /** The rewriting waits for the lock of the export, or comes before it; either way no row is missed for having another place. */
    @Test
    void tablesThatAreRewrittenWhileTheyAreRead() throws Exception {
        try (var story = Story.begin(holdfast, "moving")) {
            story.execute("create table moved (id int primary key, v text)", "create table keyless (a int, b text)");
            story.execute("insert into moved select g, md5(g::text) from generate_series(1, 60000) g");
            story.execute("insert into keyless select g % 1000, md5(g::text) from generate_series(1, 60000) g");
            story.administer("backup database moving into 'nodelocal://1/moving' with revision_history");
            story.execute("delete from moved where id % 10 = 1", "delete from keyless where a = 7");
            var middle = story.scene("middle");
            story.execute("update moved set v = 'x' where id % 7 = 0", "insert into keyless values (7, 'again'), (7, 'again')");
            try (var rewriting = new Rewriting(story)) {
                story.administer("backup database moving into latest in 'nodelocal://1/moving' with revision_history");
                story.administer("backup database moving into 'nodelocal://1/moved'" + middle.asOf());
                story.administer("backup database moving into 'nodelocal://1/now'");
                assertThat(rewriting.rounds()).isPositive();
            }
            var end = story.scene("end");
            story.assertRestores(middle, "from latest in 'nodelocal://1/moved'");
            story.assertRestores(middle, "from latest in 'nodelocal://1/moving'" + middle.asOf());
            story.assertRestores(end, "from latest in 'nodelocal://1/moving'");
            story.assertRestores(end, "from latest in 'nodelocal://1/now'");
        }
    }

    /** One session that does nothing but move rows to other places. */
    private static final class Rewriting implements AutoCloseable {
        private final AtomicInteger rounds = new AtomicInteger();
        private final AtomicReference<SQLException> failure = new AtomicReference<>();
        private final Thread thread;
        private volatile boolean stopping;

        Rewriting(Story story) {
            thread = Thread.ofPlatform().daemon().start(() -> {
                try (var connection = story.connect()) {
                    while (!stopping) {
                        Sessions.execute(connection, "vacuum full moved", "cluster moved using moved_pkey", "vacuum full keyless");
                        rounds.incrementAndGet();
                    }
                } catch (SQLException e) {
                    failure.set(e);
                }
            });
        }

        int rounds() {
            return rounds.get();
        }

        @Override
        public void close() throws SQLException, InterruptedException {
            stopping = true;
            thread.join();
            if (failure.get() != null) {
                throw failure.get();
            }
        }
    }
}
