package dev.holdfast.it.history;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One way to change definitions, with work before and after it.
 *
 * @param alone not within a transaction
 * @param calm whether the rows from before can be worked out from those after
 * @param since the first version of PostgreSQL that knows it
 */
record Form(
        String name,
        boolean alone,
        boolean calm,
        int since,
        List<String> setup,
        List<String> before,
        List<String> define,
        List<String> after) {

    static List<Form> all() throws IOException {
        try (var in = Form.class.getResourceAsStream("/history/forms.sql")) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static List<Form> parse(String text) {
        var forms = new ArrayList<Form>();
        List<String> part = List.of();
        for (var line : text.lines().toList()) {
            if (line.startsWith("-- form ") && !line.startsWith("-- form NAME")) {
                var parts = line.substring("-- form ".length()).replace("]", "").split(" \\[");
                var marks = List.of((parts.length == 1 ? "" : parts[1]).split(" "));
                var form = new Form(
                        parts[0],
                        marks.contains("alone"),
                        marks.contains("calm"),
                        marks.contains("since") ? Integer.parseInt(marks.getLast()) : 0,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>());
                forms.add(form);
                part = form.setup();
            } else if (line.equals("-- before")) {
                part = forms.getLast().before();
            } else if (line.equals("-- define")) {
                part = forms.getLast().define();
            } else if (line.equals("-- after")) {
                part = forms.getLast().after();
            } else if (!line.isBlank() && !line.startsWith("--")) {
                part.add(line);
            }
        }
        return forms;
    }

    /** With the name of the schema in which it lives. */
    Form in(String schema) {
        return new Form(
                name, alone, calm, since, in(schema, setup), in(schema, before), in(schema, define), in(schema, after));
    }

    private static List<String> in(String schema, List<String> statements) {
        return statements.stream().map(sql -> sql.replace(":s", schema)).toList();
    }
}
