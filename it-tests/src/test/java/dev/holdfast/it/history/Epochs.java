package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import java.util.List;

/**
 * Two chains of one database, one of them with a revision history, in which all definitions change in one layer: every instant
 * and every layer's end is restored as it was.
 */
final class Epochs {
    private final Story story;
    private final String name;
    private final String net;
    private final String history;
    private final List<Form> forms;

    private Epochs(Story story, Telling telling, List<Form> forms) {
        this.story = story;
        this.name = telling.schema();
        this.net = "'nodelocal://1/" + name + "/net'";
        this.history = "'nodelocal://1/" + name + "/history'";
        this.forms = forms;
    }

    static void proveThrough(TestHoldfast holdfast, int version, Telling telling) throws Exception {
        try (var story = Story.begin(holdfast, telling.schema())) {
            new Epochs(story, telling, telling.forms(version)).prove(telling);
        }
    }

    private void prove(Telling telling) throws SQLException {
        story.execute("create schema " + name, "set search_path = " + name);
        for (var form : forms) {
            story.execute(form.setup());
        }
        story.administer(
                "backup database " + name + " into " + net,
                "backup database " + name + " into " + history + " with revision_history");
        for (var form : forms) {
            story.execute(form.before());
        }
        var before = story.scene("before");
        telling.tell(story, forms.subList(0, forms.size() / 2));
        var between = story.scene("between");
        telling.tell(story, forms.subList(forms.size() / 2, forms.size()));
        var after = story.scene("after");
        append();
        story.goOn();
        var later = story.scene("later");
        story.goOn();
        var past = "'nodelocal://1/" + name + "/past'";
        story.administer("backup database " + name + " into " + past + later.asOf());
        append();
        var end = story.scene("end");

        story.assertRestores(before, "from latest in " + history + before.asOf());
        assertThat(story.refusalOfRestore("from latest in " + history + between.asOf()))
                .contains("the definitions of database \"" + name + "\" at " + between.at() + " are not in the backup")
                .contains("times before the first and after the last of these can be restored");
        story.assertRestores(after, "from latest in " + history + after.asOf());
        story.assertRestores(after, "from latest in " + net + " as of system time '" + story.ends(net).get(1) + "'");
        story.assertRestores(later, "from latest in " + past);
        story.assertRestores(end, "from latest in " + net);
        // Whether the schema of this moment is known depends on whether somebody happened to look; the rows are not to be had.
        assertThat(story.refusal("backup database " + name + " into " + past + between.asOf()))
                .containsAnyOf(
                        "the definitions of database \"" + name + "\" at " + between.at() + " are not known: they were changed ",
                        "cannot be read AS OF SYSTEM TIME " + between.at() + ": ")
                .contains("Choose a time ");
    }

    private void append() throws SQLException {
        story.administer(
                "backup database " + name + " into latest in " + net,
                "backup database " + name + " into latest in " + history + " with revision_history");
    }
}
