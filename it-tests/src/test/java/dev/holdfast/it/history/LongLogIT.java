package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.TestHoldfast;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The places of a long log are written with more digits than those before; their order is that of numbers all the same. */
class LongLogIT {
    private static final long MORE_DIGITS = 0x10000000L;

    @Test
    void instantsOnBothSidesOfALongerPlace() throws Exception {
        try (var holdfast = TestHoldfast.start();
                var story = Story.begin(holdfast, "long")) {
            story.execute("create table t (id int primary key, v int)", "insert into t select i, 0 from generate_series(1, 100) i");
            story.awaitLook();
            story.administer("backup database long into 'nodelocal://1/chain' with revision_history");
            var scenes = new ArrayList<Story.Scene>();
            live(story, scenes);
            assertThat(place(story)).isLessThan(MORE_DIGITS);
            while (place(story) < MORE_DIGITS) {
                story.execute("select pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()");
            }
            live(story, scenes);
            story.execute("create table more (id int primary key)");
            story.awaitLook();
            live(story, scenes);
            story.administer("backup database long into latest in 'nodelocal://1/chain' with revision_history");
            for (var scene : List.copyOf(scenes)) {
                var collection = "'nodelocal://1/" + scene.name() + "'";
                story.administer("backup database long into " + collection + scene.asOf());
                story.assertRestores(scene, "from latest in " + collection);
                story.assertRestores(scene, "from history" + scene.asOf());
                story.assertRestores(scene, "from latest in 'nodelocal://1/chain'" + scene.asOf());
            }
        }
    }

    private static long place(Story story) throws Exception {
        return Long.parseLong(story.one("select (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8::text"));
    }

    /** Long enough for some anchors. */
    private static void live(Story story, List<Story.Scene> scenes) throws Exception {
        for (int i = 0; i < 2; i++) {
            story.execute("update t set v = v + 1 where id % 10 = " + scenes.size());
            scenes.add(story.scene("scene" + scenes.size()));
            Thread.sleep(3000);
            story.execute("delete from t where id = " + (50 + scenes.size()));
        }
    }
}
