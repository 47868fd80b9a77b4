package dev.holdfast.it.history;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** How all the forms in which definitions change are gone through. */
enum Telling {
    /** Every statement is a transaction. */
    APART {
        @Override
        void tell(Story story, List<Form> forms) throws SQLException {
            for (var form : forms) {
                story.execute(form.define());
                story.execute(form.after());
            }
        }
    },
    /** One transaction, which is first rolled back and then done. */
    TOGETHER {
        @Override
        void tell(Story story, List<Form> forms) throws SQLException {
            for (var end : List.of("rollback", "commit")) {
                story.execute("begin");
                for (var form : forms) {
                    story.execute(form.define());
                    story.execute(form.after());
                }
                story.execute(end);
            }
        }
    },
    /** In subtransactions, some of them rolled back, of a transaction that is prepared. */
    NESTED {
        @Override
        void tell(Story story, List<Form> forms) throws SQLException {
            for (var end : List.of("rollback", "commit")) {
                story.execute("begin");
                for (var form : forms) {
                    story.execute("savepoint undone");
                    story.execute(form.define());
                    story.execute(form.after());
                    story.execute("rollback to undone", "savepoint done");
                    story.execute(form.define());
                    story.execute("savepoint work");
                    story.execute(form.after());
                    story.execute("release done");
                }
                story.execute("prepare transaction 'epochs'", end + " prepared 'epochs'");
            }
        }
    };

    abstract void tell(Story story, List<Form> forms) throws SQLException;

    /** The forms that can be told so, each with its schema's name in place. */
    List<Form> forms(int version) throws Exception {
        return Form.all().stream()
                .filter(form -> form.since() <= version && (this == APART || !form.alone()))
                .map(form -> form.in(schema()))
                .toList();
    }

    String schema() {
        return name().toLowerCase(Locale.ROOT);
    }
}
